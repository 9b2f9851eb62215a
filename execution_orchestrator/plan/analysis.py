"""What is known of a plan before it runs: waves, critical path, makespan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.capability import ResourceSpec

UNKNOWN_DURATION = 1.0  # seconds assumed for an action nobody has an estimate for


@dataclass(frozen=True)
class Group:
    """A wave: actions whose dependencies lie in earlier waves; times in seconds."""

    index: int
    action_ids: tuple[str, ...]
    resources: tuple[str, ...]
    start: float
    duration: float


@dataclass(frozen=True)
class Analysis:
    """The figures of PlanAnalysis.msg."""

    plan_id: str
    action_count: int
    groups: tuple[Group, ...]
    critical_path: tuple[str, ...]
    makespan: float
    sequential_duration: float
    capabilities: tuple[str, ...]
    suggestions: tuple[str, ...]


def analyse(plan: Mapping[str, Any], resources: Mapping[str, ResourceSpec]) -> Analysis:
    """Analyse a resolved plan; composites count as one block of their nested durations."""
    actions: Sequence[Mapping[str, Any]] = plan["actions"]
    durations = {action["id"]: _duration(action) for action in actions}
    order, level = _levels(actions)
    demands = {action["id"]: _demands(action) for action in actions}
    starts, makespan = _list_schedule(order, actions, durations, demands, resources)
    path = _critical_path(order, actions, durations)
    sequential = sum(durations.values())
    return Analysis(
        plan_id=str(plan.get("id", "")),
        action_count=sum(_count(action) for action in actions),
        groups=_groups(order, level, starts, durations, demands),
        critical_path=path,
        makespan=makespan,
        sequential_duration=sequential,
        capabilities=tuple(sorted({kind for action in actions for kind in _kinds(action)})),
        suggestions=_suggestions(path, durations, makespan, sequential, len(actions)),
    )


def children(action: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every nested action, whatever branch it is in."""
    found: list[Mapping[str, Any]] = []
    for key in ("actions", "then", "else", "default", "finally"):
        found += action.get(key) or []
    for key in ("cases", "catch"):
        for branch in action.get(key) or []:
            found += branch["actions"]
    if action.get("plan"):
        found += action["plan"]["actions"]
    return found


def _duration(action: Mapping[str, Any]) -> float:
    own = float(action.get("estimated_duration") or 0.0)
    nested = children(action)
    if own or not nested:
        if action["action_type"] == "delay" and isinstance(action.get("duration"), int | float):
            return float(action["duration"])
        return own or UNKNOWN_DURATION
    kind = action["action_type"]
    if kind == "parallel":
        return max(_duration(child) for child in nested)
    if kind == "conditional":
        return max(sum(map(_duration, action[key])) for key in ("then", "else"))
    return sum(_duration(child) for child in nested)


def _count(action: Mapping[str, Any]) -> int:
    return 1 + sum(_count(child) for child in children(action))


def _kinds(action: Mapping[str, Any]) -> set[str]:
    return {str(action["action_type"])}.union(*(_kinds(child) for child in children(action)))


def _demands(action: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for demand in action.get("resources") or []:
        name = demand["resource"]
        found[name] = max(found.get(name, 0.0), float(demand["amount"]))
    for child in children(action):
        for name, amount in _demands(child).items():
            found[name] = max(found.get(name, 0.0), amount)
    return found


def _levels(actions: Sequence[Mapping[str, Any]]) -> tuple[list[str], dict[str, int]]:
    needs = {action["id"]: list(action["depends_on"]) for action in actions}
    followers: dict[str, list[str]] = {name: [] for name in needs}
    missing = {name: len(dependencies) for name, dependencies in needs.items()}
    for name, dependencies in needs.items():
        for dependency in dependencies:
            followers[dependency].append(name)
    order = [name for name, count in missing.items() if count == 0]
    level = dict.fromkeys(order, 0)
    for name in order:
        for follower in followers[name]:
            missing[follower] -= 1
            level[follower] = max(level.get(follower, 0), level[name] + 1)
            if missing[follower] == 0:
                order.append(follower)
    return order, level


def _list_schedule(
    order: Sequence[str],
    actions: Sequence[Mapping[str, Any]],
    durations: Mapping[str, float],
    demands: Mapping[str, Mapping[str, float]],
    resources: Mapping[str, ResourceSpec],
) -> tuple[dict[str, float], float]:
    """Place every action at the first time its dependencies are done and its resources free."""
    needs = {action["id"]: action["depends_on"] for action in actions}
    placed: dict[str, list[tuple[float, float, float]]] = {}
    starts: dict[str, float] = {}
    for name in order:
        earliest = max((starts[d] + durations[d] for d in needs[name]), default=0.0)
        times = sorted(
            {earliest}
            | {end for use in demands[name] for _, end, _ in placed.get(use, []) if end > earliest}
        )
        for start in times:
            end = start + durations[name]
            if all(
                _peak(placed.get(use, []), start, end) + amount <= _capacity(use, resources) + 1e-9
                for use, amount in demands[name].items()
            ):
                starts[name] = start
                break
        for use, amount in demands[name].items():
            placed.setdefault(use, []).append(
                (starts[name], starts[name] + durations[name], amount)
            )
    return starts, max((starts[n] + durations[n] for n in order), default=0.0)


def _capacity(use: str, resources: Mapping[str, ResourceSpec]) -> float:
    """Return how much there is of a resource, or of all of a type together."""
    if use in resources:
        return resources[use].capacity
    return sum(spec.capacity for spec in resources.values() if spec.type == use) or 1.0


def _peak(uses: Sequence[tuple[float, float, float]], start: float, end: float) -> float:
    overlapping = [use for use in uses if use[0] < end - 1e-9 and use[1] > start + 1e-9]
    moments = {start} | {use[0] for use in overlapping if use[0] > start}
    return max(
        sum(amount for begin, finish, amount in overlapping if begin <= t < finish) for t in moments
    )


def _critical_path(
    order: Sequence[str], actions: Sequence[Mapping[str, Any]], durations: Mapping[str, float]
) -> tuple[str, ...]:
    needs = {action["id"]: action["depends_on"] for action in actions}
    length: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for name in order:
        previous = max(needs[name], key=lambda d: length[d], default=None)
        length[name] = durations[name] + (length[previous] if previous else 0.0)
        before[name] = previous
    path: list[str] = []
    last: str | None = max(order, key=lambda n: length[n], default=None)
    while last is not None:
        path.append(last)
        last = before[last]
    return tuple(reversed(path))


def _groups(
    order: Sequence[str],
    level: Mapping[str, int],
    starts: Mapping[str, float],
    durations: Mapping[str, float],
    demands: Mapping[str, Mapping[str, float]],
) -> tuple[Group, ...]:
    waves: dict[int, list[str]] = {}
    for name in order:
        waves.setdefault(level[name], []).append(name)
    return tuple(
        Group(
            index,
            tuple(names),
            tuple(sorted({use for name in names for use in demands[name]})),
            min(starts[name] for name in names),
            max(durations[name] for name in names),
        )
        for index, names in sorted(waves.items())
    )


def _suggestions(
    path: Sequence[str],
    durations: Mapping[str, float],
    makespan: float,
    sequential: float,
    count: int,
) -> tuple[str, ...]:
    found = []
    if count > 2 and makespan >= sequential * 0.99:
        found.append(
            "nothing runs side by side: name depends_on where an action needs only some of the "
            "earlier ones"
        )
    if path:
        longest = max(path, key=lambda name: durations[name])
        if durations[longest] >= 0.5 * makespan:
            found.append(f"{longest} alone takes {durations[longest] / makespan:.0%} of the time")
    return tuple(found)
