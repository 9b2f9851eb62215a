"""Figures, printed for people and for programs."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the value (the median of samples), the goal, and how far the samples spread."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    least: float | None = None
    most: float | None = None
    p99: float | None = None

    @classmethod
    def of_samples(
        cls, name: str, samples: list[float], unit: str, goal: float | None = None
    ) -> Self:
        """Return the median, the ends and the 99th percentile of some samples."""
        ordered = sorted(samples)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return cls(name, statistics.median(ordered), unit, goal, ordered[0], ordered[-1], p99)


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Return ours over theirs, pair by pair: what else the machine did met both of a pair."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def print_table(figures: list[Figure]) -> None:
    """Print a table, then one JSON line per figure."""
    print(f"{os.cpu_count()} cores; wall time by the servers' stamps unless named otherwise")
    print(f"{'figure':<76} {'median':>10}    {'min':>9} {'max':>9} {'p99':>9} {'goal':>8}")
    for figure in figures:
        spread = " ".join(
            f"{'' if one is None else f'{one:.3f}':>9}"
            for one in (figure.least, figure.most, figure.p99)
        )
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        print(f"{figure.name:<76} {figure.value:>10.3f} {figure.unit:<2} {spread} {goal:>8}")
    for figure in figures:
        line = {
            "figure": figure.name,
            "value": round(figure.value, 4),
            "unit": figure.unit,
            "min": None if figure.least is None else round(figure.least, 4),
            "max": None if figure.most is None else round(figure.most, 4),
            "p99": None if figure.p99 is None else round(figure.p99, 4),
            "goal": figure.goal,
        }
        print(json.dumps(line))
