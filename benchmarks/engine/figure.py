"""A figure, its goal, and what its peers need for the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    """One measurement; smaller is better, ``goal`` is the most it may be."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    survives: str = ""
    peers: tuple[Peer, ...] = field(default=())

    def as_json(self) -> str:
        """Return one line; the ratio of a peer is how many times of ours it needs."""
        line: dict[str, object] = {
            "figure": self.name,
            "value": round(self.value, 6),
            "unit": self.unit,
        }
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
        f"{'figure':<52} {'measured':>14} {'goal':>9} {'ratio':>8}  survives",
        "-" * 100,
    ]
    for figure in figures:
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        ratio = ""
        if figure.goal is not None:
            ratio = f"{figure.goal / figure.value:.1f}x" if figure.value else "met"
        lines.append(
            f"{figure.name:<52} {figure.value:>10.4f} {figure.unit:<3} {goal:>9} {ratio:>8}  "
            f"{figure.survives}".rstrip()
        )
        lines += [
            f"    {peer.name:<48} {peer.value:>10.4f} {figure.unit:<3} {'':>9} "
            f"{peer.value / figure.value:>7.1f}x  {peer.survives}".rstrip()
            for peer in figure.peers
        ]
    lines.append("ratio: goal / measured, and for the others: theirs / ours")
    return "\n".join(lines)
