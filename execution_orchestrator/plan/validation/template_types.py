"""Parameters that are one template: its value has to be of a type that the parameter takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.expression_types import DYN, Type
from execution_orchestrator.plan.expressions import (
    ExpressionError,
    compile_expression,
    single_template,
)
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.validation.scope import Scopes
from execution_orchestrator.plan.validation.walk import Place

_NUMBERS = frozenset({"int", "uint", "double", "number"})
# The types of expressions that fit each type of JSON Schema, and its name in a sentence.
_FITTING = {
    "number": (_NUMBERS, "a number"),
    "integer": (_NUMBERS, "a whole number"),
    "boolean": (frozenset({"bool"}), "true or false"),
    "array": (frozenset({"list"}), "a list"),
    "object": (frozenset({"map"}), "a mapping"),
    "string": (frozenset({"string"}), "a text"),
    "null": (frozenset({"null"}), "null"),
}
_PLAIN = _NUMBERS | {"bool"}  # becomes text where only a text is taken


def template_type_issues(place: Place, robot: RobotModel, scopes: Scopes) -> Iterator[Issue]:
    """Check the templates of one action whose value goes into a parameter as it is."""
    spec = robot.capabilities.get(place.action.action_type)
    if spec is None:
        return
    properties = spec.parameters.get("properties", {})
    for name, value in place.action.parameters.items():
        text = single_template(value) if isinstance(value, str) else None
        if text is None or not (kinds := _kinds(properties.get(name))):
            continue
        gives = _given(text, place, scopes)
        fitting = frozenset().union(*(_FITTING[kind][0] for kind in kinds))
        if kinds == ["string"]:
            fitting |= _PLAIN
        if gives.name == "dyn" or gives.name in fitting:
            continue
        words = " or ".join(dict.fromkeys(_FITTING[kind][1] for kind in kinds))
        parts = [part for part, of in (gives.fields or {}).items() if of.name in fitting]
        cure = f", for example {text}.{parts[0]}" if parts else ""
        yield Issue(
            "EXPRESSION_TYPE",
            f"{text!r} gives {gives}; {name} has to be {words}",
            f"{place.pointer}/parameters/{name}",
            f"Name a value that is {words}{cure}.",
        )


def _kinds(schema: Any) -> Sequence[str]:
    """Return the types that a schema allows; none where it leaves that open."""
    if not isinstance(schema, Mapping):
        return []
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        each = [_kinds(one) for one in several]
        return [kind for kinds in each for kind in kinds] if all(each) else []
    kind = schema.get("type", [])
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return kinds if all(one in _FITTING for one in kinds) else []


def _given(text: str, place: Place, scopes: Scopes) -> Type:
    """Return the type of a template's value; unknown where others tell what is wrong with it."""
    try:
        compile_expression(text)
    except ExpressionError:
        return DYN
    gives, problems = check(text, scopes.names(place))
    return DYN if problems else gives
