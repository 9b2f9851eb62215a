"""A figure, its goal, and what its peers need for the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

# What is left after ... ; the words stand in the table beside every contestant.
NOTHING = "nothing"
KILL_9 = "kill -9"
POWER_CUT = "power cut"


@dataclass(frozen=True)
class Peer:
    """What another one needs; ``survives`` is what its work survives."""

    name: str
    value: float
    survives: str = ""


@dataclass(frozen=True)
class Figure:
    """One measurement; smaller is better, ``goal`` is the most it may be.

    ``value`` is the median of the runs, ``least`` and ``most`` are their ends where there were
    several.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    survives: str = ""
    peers: tuple[Peer, ...] = field(default=())
    least: float | None = None
    most: float | None = None

    @classmethod
    def of_runs(cls, name: str, runs: Sequence[float], unit: str, *more: Any) -> Self:
        """Return the figure of several runs; ``more`` is what follows the unit above."""
        return cls(name, median(runs), unit, *more, least=min(runs), most=max(runs))

    def as_json(self) -> str:
        """Return one line; the ratio of a peer is how many times of ours it needs."""
        line: dict[str, object] = {
            "figure": self.name,
            "value": round(self.value, 6),
            "unit": self.unit,
        }
        if self.least is not None and self.most is not None:
            line["min"], line["max"] = round(self.least, 6), round(self.most, 6)
        if self.goal is not None:
            line["goal"] = self.goal
            line["met"] = self.value <= self.goal
            if self.value:
                line["goal_ratio"] = round(self.goal / self.value, 2)
        if self.survives:
            line["survives"] = self.survives
        if self.peers:
            line["peers"] = [
                {
                    "name": peer.name,
                    "value": round(peer.value, 6),
                    "ratio": round(peer.value / self.value, 2) if self.value else None,
                    "survives": peer.survives,
                }
                for peer in self.peers
            ]
        return json.dumps(line)


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as lines of a table, each followed by its peers."""
    lines = [
        f"{'figure':<52} {'median':>14} {'min':>9} {'max':>9} {'goal':>9} {'ratio':>8}  survives",
        "-" * 120,
    ]
    for figure in figures:
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        ratio = ""
        if figure.goal is not None:
            ratio = f"{figure.goal / figure.value:.1f}x" if figure.value else "met"
        ends = " ".join(
            f"{'' if one is None else f'{one:.4f}':>9}" for one in (figure.least, figure.most)
        )
        lines.append(
            f"{figure.name:<52} {figure.value:>10.4f} {figure.unit:<3} {ends} {goal:>9} "
            f"{ratio:>8}  {figure.survives}".rstrip()
        )
        lines += [
            f"    {peer.name:<48} {peer.value:>10.4f} {figure.unit:<3} {'':>29} "
            f"{peer.value / figure.value:>7.1f}x  {peer.survives}".rstrip()
            for peer in figure.peers
        ]
    lines.append(
        "ratio: goal / median; of the others, which have their best run: theirs / our median"
    )
    return "\n".join(lines)
