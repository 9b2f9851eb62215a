"""Parameters that are one template: its value has to be of a type that the parameter takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.document import pointed
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
    if spec is None or not spec.parameters:
        return
    for path, text, kinds in _templates(place.action.parameters, spec.parameters):
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
            f"{text!r} gives {gives}; {path.rpartition('/')[2]} has to be {words}",
            f"{place.pointer}/parameters{path}",
            f"Name a value that is {words}{cure}.",
        )


def _templates(value: Any, schema: Any, path: str = "") -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield every text that is one template, with its path and the types that may stand there."""
    if isinstance(value, str):
        text = single_template(value) if "{{" in value else None
        if text is not None and (kinds := _kinds(schema)):
            yield path, text, kinds
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, str | Mapping | list):
                yield from _templates(part, _part(schema, "properties", key), pointed(path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            if isinstance(part, str | Mapping | list):
                yield from _templates(part, _part(schema, "items"), f"{path}/{index}")


def _part(schema: Any, field: str, key: str | None = None) -> Any:
    """Return what a schema says of a part of its value; of several forms those that have it."""
    if not isinstance(schema, Mapping):
        return None
    forms = schema.get("anyOf") or schema.get("oneOf") or [schema]
    said = [form.get(field) for form in forms if isinstance(form, Mapping)]
    if key is not None:
        said = [one.get(key) for one in said if isinstance(one, Mapping)]
    found = [one for one in said if one is not None]
    return found[0] if len(found) == 1 else {"anyOf": found} if found else None


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
