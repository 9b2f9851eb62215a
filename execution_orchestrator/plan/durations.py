"""How long an action of a resolved plan is expected to take, and what it needs meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.plan.tree import children

UNKNOWN_DURATION = 1.0  # seconds assumed for an action nobody has an estimate for


def expected_duration(action: Mapping[str, Any]) -> float:
    """Return seconds; of branches the longest counts, errors are not expected."""
    own = float(action.get("estimated_duration") or 0.0)
    kind = action["action_type"]
    if own:
        return own
    if kind == "delay" and isinstance(action.get("duration"), int | float):
        return float(action["duration"])
    if not children(action):
        return UNKNOWN_DURATION
    if kind == "parallel":
        return _side_by_side(action)
    if kind == "conditional":
        return max(_in_a_row(action["then"]), _in_a_row(action["else"]))
    if kind == "router":
        return max(_in_a_row(case["actions"]) for case in [*action["cases"], _default(action)])
    if kind == "try":
        return _in_a_row(action["actions"]) + _in_a_row(action["finally"])
    if kind == "foreach" and isinstance(action.get("items"), list):
        # How often a loop goes round until its condition holds nobody knows: once at least.
        rounds = 1 if action.get("until") or action.get("while") else len(action["items"])
        if action.get("mode") == "parallel":
            rounds = -(-rounds // (action.get("max_parallel") or max(1, rounds)))
        inside = _in_a_row(action["actions"])
        pace = max((child.get("every") or 0.0 for child in action["actions"]), default=0.0)
        return max(rounds * inside, (rounds - 1) * pace + inside)
    return _in_a_row(children(action))


def _side_by_side(action: Mapping[str, Any]) -> float:
    """Return when as many are done as have to be."""
    seconds = sorted(map(expected_duration, action["actions"]))
    needed = 1 if action.get("race") else action.get("needed") or len(seconds)
    return seconds[min(needed, len(seconds)) - 1] if seconds else 0.0


def _default(action: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"actions": action.get("default") or []}


def _in_a_row(actions: Iterable[Mapping[str, Any]]) -> float:
    return sum(map(expected_duration, actions))


def demands_of(action: Mapping[str, Any]) -> dict[str, float]:
    """Return the amount of each resource; of a composite the most that any part needs."""
    found: dict[str, float] = {}
    for demand in action.get("resources") or []:
        name = demand["resource"]
        found[name] = found.get(name, 0.0) + float(demand["amount"])
    for child in children(action):
        for name, amount in demands_of(child).items():
            found[name] = max(found.get(name, 0.0), amount)
    return found
