"""Figures, printed for people and for programs."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the value (the median of samples), its 99th percentile, and the goal."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    p99: float | None = None

    @classmethod
    def of_samples(
        cls, name: str, samples: list[float], unit: str, goal: float | None = None
    ) -> Self:
        """Return the median and the 99th percentile of some samples."""
        ordered = sorted(samples)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return cls(name, statistics.median(ordered), unit, goal, p99)


def print_table(figures: list[Figure]) -> None:
    """Print a table, then one JSON line per figure."""
    print(f"{os.cpu_count()} cores; wall time by the servers' stamps unless named otherwise")
    print(f"{'figure':<76} {'median':>10}    {'p99':>9} {'goal':>8}")
    for figure in figures:
        p99 = "" if figure.p99 is None else f"{figure.p99:.3f}"
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        print(f"{figure.name:<76} {figure.value:>10.3f} {figure.unit:<2} {p99:>9} {goal:>8}")
    for figure in figures:
        line = {
            "figure": figure.name,
            "value": round(figure.value, 4),
            "unit": figure.unit,
            "p99": None if figure.p99 is None else round(figure.p99, 4),
            "goal": figure.goal,
        }
        print(json.dumps(line))
