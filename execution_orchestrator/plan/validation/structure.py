"""Ids, dependencies and cycles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Action, Plan
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.ordering import come_in_order, waits_for
from execution_orchestrator.plan.validation.walk import Place

_IN_ANOTHER_LIST = (
    "It is in another list; depend on the block beside this one that it is in, or that it comes "
    "before."
)
MOST_NAMED = 8  # actions of a cycle that are written out


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
    if is_too_short(plan):
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
    anywhere = {(place.scope, place.action.id) for place in places}
    for place in places:
        if id(place.siblings) not in seen:
            seen.add(id(place.siblings))
            yield from _dependencies(place, anywhere)


def is_too_short(plan: Plan) -> bool:
    """Whether a plan says itself that it takes longer than it may."""
    return bool(plan.timeout and (plan.estimated_duration or 0.0) > plan.timeout)


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
                "Use letters, digits and underscores; do not begin with a digit"
                + (f": {shaped}." if (shaped := _as_id(name)) else "."),
            )
        before = first.setdefault((place.scope, name), place.pointer)
        if before != place.pointer:
            yield Issue(
                "ACTION_ID_DUPLICATE",
                f"the id {name!r} is used already at {before}",
                f"{place.pointer}/id",
                "Give every action an id of its own.",
            )


def _as_id(name: str) -> str:
    """Return the id that is nearest to what was written; nothing if that is none either."""
    shaped = "".join(letter if letter.isalnum() else "_" for letter in name)
    return shaped if shaped.strip("_") and not shaped[0].isdigit() else ""


def _dependencies(place: Place, anywhere: Collection[tuple[int, str]]) -> Iterator[Issue]:
    base, _, last = place.pointer.rpartition("/")
    single = not last.isdigit()  # it stands in for an action, or undoes one
    known = Names(action.id for action in place.siblings)
    for index, action in enumerate(place.siblings):
        for number, name in enumerate(action.depends_on or ()):
            pointer = f"{place.pointer if single else f'{base}/{index}'}/depends_on/{number}"
            if name == action.id and name:
                yield Issue(
                    "PLAN_DEPENDENCY_CYCLE", f"{name} depends on itself", pointer, "Take it away."
                )
            elif name not in known:
                yield Issue(
                    "DEPENDENCY_UNKNOWN",
                    f"{action.id or action.action_type} depends on {name!r}, which is not here",
                    pointer,
                    "Take it away: it begins when it is needed."
                    if single
                    else _IN_ANOTHER_LIST
                    if (place.scope, name) in anywhere
                    else known.hint(name, "Actions beside it"),
                )
    waits = waits_for(place.siblings, place.ordering)
    cycle = _cycle([[other for other in one if other != at] for at, one in enumerate(waits)])
    if cycle:
        yield _no_order(place.siblings, base, cycle)
        return
    if place.ordering is None:
        yield from _mixed(place.siblings, base, waits)
    yield from _after_return(place.siblings, base, waits)


def _after_return(
    actions: Sequence[Action], base: str, waits: Sequence[Sequence[int]]
) -> Iterator[Issue]:
    """Warn of what would begin after a `return` that always returns."""
    ends = {
        index
        for index, action in enumerate(actions)
        if action.action_type == "return" and action.condition is None
    }
    for index, before in enumerate(waits):
        if not ends.isdisjoint(before):
            end = actions[min(ends.intersection(before))]
            yield Issue(
                "ACTION_AFTER_RETURN",
                f"{actions[index].id or actions[index].action_type} never begins: "
                f"{end.id or 'return'} before it ends the plan",
                f"{base}/{index}",
                "Put it before the return, or give that a condition.",
                Severity.WARNING,
            )


def _mixed(actions: Sequence[Action], base: str, waits: Sequence[Sequence[int]]) -> Iterator[Issue]:
    """Warn where some say what they wait for, so that the others no longer wait for anything."""
    silent = [at for at, action in enumerate(actions) if at and action.depends_on is None]
    if not silent or all(action.depends_on is None for action in actions):
        return
    names = [action.id or action.action_type for action in actions]
    at_once = [names[at] for at, before in enumerate(waits) if not before]
    shown = ", ".join(at_once[:MOST_NAMED])
    yield Issue(
        "ORDER_MIXED",
        f"some actions of this list name depends_on, so {names[silent[0]]} waits for nobody: "
        + (f"{shown} start at once, side by side" if len(at_once) > 1 else "it starts at once"),
        f"{base}/{silent[0]}",
        "Say ordering: dependencies if that is meant, ordering: sequence if they come one after "
        "the other.",
        Severity.WARNING,
    )


def _no_order(actions: Sequence[Action], base: str, cycle: Sequence[int]) -> Issue:
    """Return the dependencies, and those among them that follow from the order of a sequence."""
    names = [actions[at].id or f"{actions[at].action_type} at {base}/{at}" for at in cycle]
    implied = [
        f"{name} names no dependency, so in this sequence it waits for {before}"
        for at, name, before in zip(cycle, names, [*names[1:], names[0]], strict=True)
        if actions[at].depends_on is None
    ]
    shown = [*names[:MOST_NAMED], "...", names[-1]] if len(names) > MOST_NAMED + 1 else names
    words = f"these actions wait for each other: {' -> '.join([*shown, names[0]])}"
    if implied:
        words += f"; {'; '.join(implied[:MOST_NAMED])}"
    # Where somebody wrote a dependency it can be taken away.
    at = next((at for at in cycle if actions[at].depends_on is not None), cycle[0])
    cure = "Take one of these dependencies away"
    cure += ", or say ordering: dependencies and name every one." if implied else "."
    return Issue("PLAN_DEPENDENCY_CYCLE", words, f"{base}/{at}/depends_on", cure)


def _cycle(waits: Sequence[Sequence[int]]) -> list[int]:
    if come_in_order(waits):
        return []
    try:
        TopologicalSorter(dict(enumerate(waits))).prepare()
    except CycleError as failure:
        # It ends with where it began, and each comes before the one that waits for it.
        found: list[int] = failure.args[1]
        return found[:0:-1]
    return []
