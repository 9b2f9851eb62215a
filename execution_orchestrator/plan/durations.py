"""How long an action of a resolved plan is expected to take, and what it needs meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from execution_orchestrator.plan.tree import COMPOSITES, Action, blocks, children, longest_way

UNKNOWN_DURATION = 1.0  # seconds assumed for an action without an estimate


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of an action that has not begun: seconds of ``work``, and seconds that it ``takes``.

    ``known``: a duration is given for it, or for anything inside it.
    """

    action: Action
    work: float
    takes: float
    known: bool


def estimate_of(action: Action) -> Estimate:
    """Return what is expected of an action."""
    return Estimate(action, *expected(action), has_estimate(action))


def has_estimate(action: Action) -> bool:
    """Whether a duration is known of an action, or of anything inside it."""
    kind = action.get("action_type") or ""
    if action.get("estimated_duration") or kind == "delay":
        return True
    return kind in COMPOSITES and any(map(has_estimate, children(action)))


def expected_duration(action: Action) -> float:
    """Return the seconds that an action takes."""
    return expected(action)[1]


def expected(action: Action) -> tuple[float, float]:
    """Return (seconds of work, seconds it takes) of an action that has not begun.

    Of branches the longest counts; errors are not expected.
    """
    own = float(action.get("estimated_duration") or 0.0)
    kind = action.get("action_type") or ""
    if kind == "delay" and not own and isinstance(action.get("duration"), int | float):
        return float(action["duration"]), float(action["duration"])
    if own or not children(action):
        return own or UNKNOWN_DURATION, own or UNKNOWN_DURATION
    inside = {name: _in_order(actions) for name, actions in blocks(kind, action)}
    if kind in ("conditional", "router"):
        return max(inside.values())
    work, takes = inside["actions"]
    if kind == "try":
        after = inside["finally"]
        return work + after[0], takes + after[1]
    if kind == "parallel":
        seconds = [expected_duration(one) for one in action["actions"]]
        return work, side_by_side(action, seconds, takes)
    if kind == "foreach" and isinstance(action.get("items"), list):
        rounds = 1 + rounds_to_come(action, len(action["items"]), 0)
        pace = max((child.get("every") or 0.0 for child in action["actions"]), default=0.0)
        turns = in_turn(action, rounds)
        return rounds * work, max(turns * takes, (turns - 1) * pace + takes)
    return work, takes


def side_by_side(action: Action, seconds: Sequence[float], longest: float) -> float:
    """Return when as many parts of a parallel are done as have to be.

    ``seconds`` are those of each part, ``longest`` those of the longest chain of them.
    """
    needed = 1 if action.get("race") else action.get("needed") or len(seconds)
    if needed < len(seconds):
        return sorted(seconds)[needed - 1]
    return max(longest, sum(seconds) / (action.get("max_parallel") or math.inf))


def rounds_to_come(loop: Action, items: int, item: int) -> int:
    """Return how many rounds are expected after that of an item.

    The number of rounds of a loop with a condition is unknown: one is assumed.
    """
    return 0 if loop.get("until") or loop.get("while") else max(0, items - item - 1)


def in_turn(loop: Action, rounds: int) -> int:
    """Return how many of these rounds come one after the other."""
    if loop.get("mode") != "parallel":
        return rounds
    return -(-rounds // max(1, loop.get("max_parallel") or rounds))


def _in_order(actions: Sequence[Action]) -> tuple[float, float]:
    inner = {action["id"]: expected(action) for action in actions}
    _, takes = longest_way(
        (one["id"], one.get("depends_on") or (), inner[one["id"]][1]) for one in actions
    )
    return sum(work for work, _ in inner.values()), takes


def demands_of(action: Action) -> dict[str, float]:
    """Return the amount of each resource; of a composite the most that any part needs."""
    found: dict[str, float] = {}
    for demand in action.get("resources") or []:
        name = demand["resource"]
        found[name] = found.get(name, 0.0) + float(demand.get("amount", 1.0))
    for child in children(action):
        for name, amount in demands_of(child).items():
            found[name] = max(found.get(name, 0.0), amount)
    return found
