"""How the engine breaks ties: whoever has the longest way to the end of the plan goes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.durations import BRIEF
from execution_orchestrator.plan.tree import COMPOSITES

Action = Mapping[str, Any]


def ranks_of(actions: Sequence[Action]) -> dict[int, float]:
    """Return, by ``id()`` of each action nested in a block, its seconds to the plan's end."""
    found: dict[int, float] = {}
    _rank(actions, found)
    _add_tails(actions, 0.0, found)
    return found


def _add_tails(actions: Sequence[Action], tail: float, found: dict[int, float]) -> None:
    for action in actions:
        blocks = [block for block in _blocks(action) if block]
        if not blocks:
            found[id(action)] += tail
            continue
        longest = max((found[id(inner)] for block in blocks for inner in block), default=0.0)
        after = found[id(action)] - (action.get("estimated_duration") or longest or BRIEF) + tail
        found[id(action)] += tail
        for block in blocks:
            _add_tails(block, after, found)


def _rank(actions: Sequence[Action], found: dict[int, float]) -> float:
    """Rank a block and all that is nested in it; returns the longest way through it."""
    followers: dict[str, list[Action]] = {}
    for action in actions:
        for name in action["depends_on"]:
            followers.setdefault(name, []).append(action)
    for action in reversed(in_order(actions)):
        longest = max((_rank(block, found) for block in _blocks(action) if block), default=0.0)
        own = action.get("estimated_duration") or longest or BRIEF
        tail = max((found[id(other)] for other in followers.get(action["id"], ())), default=0.0)
        found[id(action)] = own + tail
    return max((found[id(action)] for action in actions), default=0.0)


def _blocks(action: Action) -> Iterator[Sequence[Action]]:
    if action["action_type"] not in COMPOSITES:
        return
    for name in ("actions", "then", "else", "default", "finally"):
        yield action.get(name) or ()
    for name in ("cases", "catch"):
        for branch in action.get(name) or ():
            yield branch["actions"]
    if action.get("plan"):
        yield action["plan"]["actions"]


def in_order(actions: Sequence[Action]) -> list[Action]:
    """Sort so that each comes after those beside it that it depends on."""
    by_id = {action["id"]: action for action in actions}
    done: dict[str, None] = {}
    opened: set[str] = set()  # each is looked into once, so that even a cycle comes to an end
    # Iterative: a chain may be longer than Python's stack.
    for first in by_id:
        stack = [first]
        while stack:
            name = stack[-1]
            if name not in done and name not in opened:
                opened.add(name)
                stack += (d for d in by_id[name]["depends_on"] if d in by_id and d not in done)
            else:
                done[name] = None
                stack.pop()
    return [by_id[name] for name in done]
