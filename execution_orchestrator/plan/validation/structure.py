"""Ids, dependencies and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.validation.walk import Place


def structure_issues(
    plan: Plan, places: Sequence[Place], max_actions: int, min_confidence: float
) -> Iterator[Issue]:
    """Check sizes, ids, dependencies and cycles."""
    if len(places) > max_actions:
        yield Issue(
            "PLAN_TOO_MANY_ACTIONS",
            f"the plan has {counted(len(places), 'action')}, at most {max_actions} are allowed",
            "/actions",
            "Split the plan, or raise max_actions.",
        )
    if plan.confidence < min_confidence:
        yield Issue(
            "PLAN_CONFIDENCE_LOW",
            f"the plan's confidence is {plan.confidence:.2f}, below {min_confidence:.2f}",
            "/confidence",
            "A person has to confirm it with ~/confirm.",
            Severity.WARNING,
        )
    if plan.timeout and plan.estimated_duration and plan.estimated_duration > plan.timeout:
        yield Issue(
            "PLAN_TIMEOUT_TOO_SHORT",
            f"the plan is estimated at {plan.estimated_duration:g} s but may take only "
            f"{plan.timeout:g} s",
            "/timeout",
            "Raise timeout or correct estimated_duration.",
            Severity.WARNING,
        )
    yield from _ids(places)
    seen: set[int] = set()
    for place in places:
        if id(place.siblings) not in seen:
            seen.add(id(place.siblings))
            yield from _dependencies(place)


def _ids(places: Sequence[Place]) -> Iterator[Issue]:
    first: dict[tuple[int, str], str] = {}
    for place in places:
        name = place.action.id
        if not name:
            if place.pointer.rsplit("/", 1)[-1].isdigit():
                yield Issue(
                    "ACTION_ID_MISSING",
                    "the action has no id; one is made from its type",
                    place.pointer,
                    "Name it, so that other actions and people can refer to it.",
                    Severity.INFO,
                )
            continue
        if not name.replace("_", "a").isalnum() or name[0].isdigit():
            yield Issue(
                "ACTION_ID_INVALID",
                f"{name!r} is no id",
                f"{place.pointer}/id",
                "Use letters, digits and underscores; do not begin with a digit.",
            )
        before = first.setdefault((place.scope, name), place.pointer)
        if before != place.pointer:
            yield Issue(
                "ACTION_ID_DUPLICATE",
                f"the id {name!r} is used already at {before}",
                f"{place.pointer}/id",
                "Give every action an id of its own.",
            )


def _dependencies(place: Place) -> Iterator[Issue]:
    base = place.pointer.rsplit("/", 1)[0]
    known = {action.id for action in place.siblings if action.id}
    needs: dict[str, list[str]] = {}
    for index, action in enumerate(place.siblings):
        wanted = action.depends_on or ()
        for number, name in enumerate(wanted):
            pointer = f"{base}/{index}/depends_on/{number}"
            if name == action.id and name:
                yield Issue(
                    "PLAN_DEPENDENCY_CYCLE", f"{name} depends on itself", pointer, "Take it away."
                )
            elif name not in known:
                near = ", ".join(sorted(known)) or "none"
                yield Issue(
                    "DEPENDENCY_UNKNOWN",
                    f"{action.id or action.action_type} depends on {name!r}, which is not here",
                    pointer,
                    f"Actions beside it: {near}.",
                )
        if action.id:
            needs[action.id] = [n for n in wanted if n in known and n != action.id]
    cycle = _cycle(needs)
    if cycle:
        index = next(i for i, a in enumerate(place.siblings) if a.id == cycle[0])
        yield Issue(
            "PLAN_DEPENDENCY_CYCLE",
            f"these actions wait for each other: {' -> '.join([*cycle, cycle[0]])}",
            f"{base}/{index}/depends_on",
            "Take one of these dependencies away.",
        )


def _cycle(needs: dict[str, list[str]]) -> list[str]:
    missing = {name: len(wanted) for name, wanted in needs.items()}
    followers: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in needs.items():
        for dependency in wanted:
            followers[dependency].append(name)
    ready = [name for name, count in missing.items() if count == 0]
    for name in ready:
        for follower in followers[name]:
            missing[follower] -= 1
            if missing[follower] == 0:
                ready.append(follower)
    left = {name for name, count in missing.items() if count > 0}
    if not left:
        return []
    path: list[str] = []
    name = next(name for name in needs if name in left)
    while name not in path:
        path.append(name)
        name = next(dependency for dependency in needs[name] if dependency in left)
    return path[path.index(name) :]
