"""Expressions have to be readable and to name only what can have run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from execution_orchestrator.plan.expressions import (
    Expression,
    ExpressionError,
    compile_expression,
    templates_in,
)
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Action, Plan
from execution_orchestrator.plan.validation.walk import Place

NAMES = frozenset({"input", "actions", "robot", "objects", "execution"})


def reference_issues(plan: Plan, places: Sequence[Place]) -> Iterator[Issue]:
    """Check every expression and template of every action."""
    del plan
    declared: dict[int, set[str]] = {}
    for place in places:
        declared.setdefault(place.scope, set()).add(place.action.id)
    before: dict[int, Mapping[str, Container[str]]] = {}
    for place in places:
        for pointer, text, own in _texts(place.action):
            at = f"{place.pointer}{pointer}"
            try:
                expression = compile_expression(text)
            except ExpressionError as failure:
                yield Issue("EXPRESSION_SYNTAX", str(failure), at, "See the plan reference on CEL.")
                continue
            yield from _names(expression, place, at)
            for name in sorted(expression.actions):
                yield from _reference(name, place, declared[place.scope], own, at, before)


def _names(expression: Expression, place: Place, at: str) -> Iterator[Issue]:
    allowed = set(NAMES)
    if place.loop or place.action.action_type == "foreach":
        allowed |= {"item", "index"}
    if place.caught:
        allowed.add("error")
    for name in sorted(expression.names - allowed):
        yield Issue(
            "EXPRESSION_NAME_UNKNOWN",
            f"{expression.text!r} uses {name}, which has no meaning here",
            at,
            f"Names here: {', '.join(sorted(allowed))}.",
        )


def _reference(
    name: str,
    place: Place,
    declared: set[str],
    own: bool,
    at: str,
    cache: dict[int, Mapping[str, Container[str]]],
) -> Iterator[Issue]:
    action = place.action
    if name not in declared:
        yield Issue(
            "REFERENCE_UNKNOWN",
            f"there is no action {name!r}",
            at,
            f"Actions here: {', '.join(sorted(filter(None, declared)))[:300]}.",
        )
        return
    if name == action.id:
        if not own:
            yield Issue(
                "REFERENCE_NOT_YET_RUN",
                f"{name} refers to itself before it has run",
                at,
                "Only postconditions, terminate_if and compensation can do that.",
            )
        return
    if _is_later(name, place, cache):
        yield Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} cannot have run when {action.id or action.action_type} starts",
            at,
            f"Add {name} to its depends_on, or move it after {name}.",
        )


def _is_later(name: str, place: Place, cache: dict[int, Mapping[str, Container[str]]]) -> bool:
    """Say whether a sibling, of the action or of a parent, is not among what came before."""
    for siblings, own in _surroundings(place):
        ids = {sibling.id for sibling in siblings}
        if name in ids:
            if name == own:
                return False
            key = id(siblings)
            if key not in cache:
                cache[key] = _ancestors(siblings)
            return name not in cache[key].get(own, frozenset())
    return False


def _surroundings(place: Place) -> Iterator[tuple[Sequence[Action], str]]:
    yield place.siblings, place.action.id
    for depth in range(len(place.parents) - 1, -1, -1):
        parent = place.parents[depth]
        if depth == 0:
            continue
        for _, nested in place.parents[depth - 1].branches():
            if parent in nested:
                yield nested, parent.id


def _ancestors(siblings: Sequence[Action]) -> Mapping[str, Container[str]]:
    sequential = all(action.depends_on is None for action in siblings)
    found: dict[str, frozenset[str]] = {}
    earlier: frozenset[str] = frozenset()
    if sequential:
        ids = [action.id for action in siblings]
        # One growing chain; a set a step would be quadratic in long plans.
        chain = _Chain(ids)
        return chain.as_mapping()
    for _ in range(2):
        for action in siblings:
            known: set[str] = set()
            for dependency in action.depends_on or ():
                known.add(dependency)
                known |= found.get(dependency, earlier)
            found[action.id] = frozenset(known)
    return found


class _Before:
    """The ids before a position, without copying them."""

    def __init__(self, positions: Mapping[str, int], limit: int) -> None:
        self._positions = positions
        self._limit = limit

    def __contains__(self, name: object) -> bool:
        return self._positions.get(str(name), self._limit) < self._limit


class _Chain:
    def __init__(self, ids: Sequence[str]) -> None:
        self._positions = {name: index for index, name in enumerate(ids) if name}

    def as_mapping(self) -> Mapping[str, Container[str]]:
        return {name: _Before(self._positions, at) for name, at in self._positions.items()}


def _texts(action: Action) -> Iterator[tuple[str, str, bool]]:
    """Yield (pointer, expression, whether it may name the action itself)."""
    for field, text in (
        ("condition", action.condition), ("if", action.if_), ("until", action.until),
    ):  # fmt: skip
        if text is not None:
            yield f"/{field}", text, False
    if action.terminate_if is not None:
        yield "/terminate_if", action.terminate_if, True
    if isinstance(action.items, str):
        yield "/items", _bare(action.items), False
    for index, text in enumerate(action.preconditions):
        yield f"/preconditions/{index}", text, False
    for index, text in enumerate(action.postconditions):
        yield f"/postconditions/{index}", text, True
    for index, case in enumerate(action.cases):
        yield f"/cases/{index}/when", case.when, False
    for field, value in (
        ("parameters", action.parameters), ("value", action.value), ("inputs", action.inputs),
        ("duration", action.duration),
    ):  # fmt: skip
        for pointer, text in templates_in(value):
            yield f"/{field}{pointer}", text, False


def _bare(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("{{") and stripped.endswith("}}"):
        return stripped[2:-2].strip()
    return stripped
