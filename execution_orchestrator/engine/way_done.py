"""How far a goal has come, by what its server counts.

A server may count what cannot be: a number below zero or beyond the end of the list, one that goes
back, one of a server that has not begun to count. Such a number says nothing, and what was told
before stands. Only of a round trip (``rounds``) a number that goes back says something: another
round has begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from execution_orchestrator.engine.recovery.dead_letters import sent_parameters
from execution_orchestrator.engine.state import ActionState


@dataclass(frozen=True, slots=True)
class WayDone:
    """How far a goal has come: the number that its server reported, and the rounds before."""

    number: float
    rounds: int


def way_done(action: ActionState, number: float) -> WayDone | None:
    """Return how far the goal of an action is, None if the number says nothing."""
    resume, sent = action.node.resume, sent_parameters(action)
    before, rounds = action.heard, action.rounds
    least: float | None
    if not isfinite(number):
        return None
    match resume["how"]:
        case "subtract":
            return WayDone(number, rounds)
        case "keep":
            # Zero is told by servers that have not begun to count; the last item always stays.
            most = _length(sent.get(resume["into"])) if before is None else before
            return WayDone(number, rounds) if 1.0 <= number <= (most or number) else None
        case "skip":
            items, least = _length(sent.get(resume["into"])), before or 0.0
        case _:
            items, least = _length(sent.get(resume.get("items", ""))), before
            if least is None:
                least = _whole(sent.get(resume["into"]))
    if number < 0.0 or (items is not None and number >= items):
        return None
    if number < least:
        if rounds >= _whole(sent.get(resume.get("rounds", ""))):
            return None
        rounds += 1
    return WayDone(number, rounds)


def has_come_further(action: ActionState) -> bool:
    """Whether the goal of an action has done at least one whole item of its list or round."""
    resume, sent = action.node.resume, sent_parameters(action)
    how, reached = resume.get("how"), action.reached
    if reached is None or how not in ("keep", "skip", "set"):
        return False
    if how == "keep":
        items = _length(sent.get(resume["into"]))
        return items is not None and reached < items
    first = _whole(sent.get(resume["into"])) if how == "set" else 0
    return action.rounds > 0 or reached > first


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list | tuple) and value else None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
