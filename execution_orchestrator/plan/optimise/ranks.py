"""How the engine breaks ties: whoever has the longest way to the end of the plan goes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.durations import BRIEF
from execution_orchestrator.plan.tree import blocks, in_order

Action = Mapping[str, Any]


def ranks_of(actions: Sequence[Action]) -> dict[int, float]:
    """Return, by ``id()`` of each action nested in a block, its seconds to the plan's end."""
    found: dict[int, float] = {}
    _rank(actions, found)
    _add_tails(actions, 0.0, found)
    return found


def _add_tails(actions: Sequence[Action], tail: float, found: dict[int, float]) -> None:
    for action in actions:
        inside = _inside(action)
        if not inside:
            found[id(action)] += tail
            continue
        longest = max((found[id(inner)] for block in inside for inner in block), default=0.0)
        after = found[id(action)] - (action.get("estimated_duration") or longest or BRIEF) + tail
        found[id(action)] += tail
        for block in inside:
            _add_tails(block, after, found)


def _rank(actions: Sequence[Action], found: dict[int, float]) -> float:
    """Rank a block and all that is nested in it; returns the longest way through it."""
    followers: dict[str, list[Action]] = {}
    for action in actions:
        for name in action["depends_on"]:
            followers.setdefault(name, []).append(action)
    for action in reversed(in_order(actions)):
        longest = max((_rank(block, found) for block in _inside(action)), default=0.0)
        own = action.get("estimated_duration") or longest or BRIEF
        tail = max((found[id(other)] for other in followers.get(action["id"], ())), default=0.0)
        found[id(action)] = own + tail
    return max((found[id(action)] for action in actions), default=0.0)


def _inside(action: Action) -> list[Sequence[Action]]:
    return [block for _, block in blocks(action["action_type"], action) if block]
