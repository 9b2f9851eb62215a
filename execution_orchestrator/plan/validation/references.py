"""Expressions have to be readable and to name only what can have run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from execution_orchestrator.plan.expressions import (
    Expression,
    ExpressionError,
    compile_expression,
    templates_in,
)
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Action, Plan
from execution_orchestrator.plan.validation.names import Names
from execution_orchestrator.plan.validation.order import Order
from execution_orchestrator.plan.validation.walk import Place, Step, walk

NAMES = frozenset({"input", "actions", "robot", "robot_history", "objects"})


def reference_issues(plan: Plan, places: Sequence[Place]) -> Iterator[Issue]:
    """Check every expression and template of every action."""
    del plan
    ids: dict[int, list[str]] = {}
    for place in places:
        ids.setdefault(place.scope, []).append(place.action.id)
    declared = {scope: Names(names) for scope, names in ids.items()}
    runs = _Runs(places)
    for place in places:
        for pointer, text, own in _texts(place.action):
            at = f"{place.pointer}{pointer}"
            try:
                expression = compile_expression(text)
            except ExpressionError as failure:
                yield _no_expression(text, failure, at)
                continue
            yield from _names(expression, place, at)
            for name in sorted(expression.actions):
                yield from _reference(name, place, declared[place.scope], own, at, runs)
        if place.action.plan is not None:
            yield from _outputs(place, place.action.plan)


def _no_expression(text: str, failure: ExpressionError, at: str) -> Issue:
    cure = "See the plan reference on CEL."
    if _ASSIGNMENT.search(text):
        cure = "To compare, write == instead of =."
    return Issue("EXPRESSION_SYNTAX", str(failure), at, cure)


_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


def _outputs(place: Place, plan: Plan) -> Iterator[Issue]:
    """Check the outputs of a subplan, which see what is inside of it."""
    inside = Names(inner.action.id for inner in walk(plan) if inner.scope == 0)
    for name, value in place.action.outputs.items():
        texts = [text for _, text in templates_in(value)]
        if isinstance(value, str) and not texts:
            texts = [value]
        for text in texts:
            at = f"{place.pointer}/outputs/{name}"
            try:
                expression = compile_expression(text)
            except ExpressionError as failure:
                yield _no_expression(text, failure, at)
                continue
            for missing in sorted(name for name in expression.actions if name not in inside):
                yield Issue(
                    "REFERENCE_UNKNOWN",
                    f"there is no action {missing!r} in the subplan",
                    at,
                    inside.hint(missing, "Actions there"),
                )


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
    declared: Names,
    own: bool,
    at: str,
    runs: _Runs,
) -> Iterator[Issue]:
    action = place.action
    if name not in declared:
        yield Issue(
            "REFERENCE_UNKNOWN",
            f"there is no action {name!r}",
            at,
            declared.hint(name, "Actions here"),
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
    if runs.cannot_have(name, place):
        yield Issue(
            "REFERENCE_NOT_YET_RUN",
            f"{name} cannot have run when {action.id or action.action_type} starts",
            at,
            f"Add {name} to its depends_on, or move it after {name}.",
        )


class _Runs:
    """Which actions of a scope have run when another one starts."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._ways: dict[tuple[int, str], tuple[Step, ...]] = {}
        for place in places:
            self._ways.setdefault((place.scope, place.action.id), place.way)
        self._orders: dict[int, Order] = {}

    def cannot_have(self, name: str, place: Place) -> bool:
        """Say whether nothing makes an action, or the block it stands in, end before this one."""
        for theirs, ours in zip(self._ways[place.scope, name], place.way, strict=False):
            if theirs.siblings is not ours.siblings:
                return False  # in two branches of one block
            if theirs.index != ours.index:
                return not self._order(ours).is_before(theirs.index, ours.index)
        return False

    def _order(self, step: Step) -> Order:
        key = id(step.siblings)
        if key not in self._orders:
            self._orders[key] = Order(step.siblings, step.ordering)
        return self._orders[key]


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
