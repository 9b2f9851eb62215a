"""Translates pydantic's structure errors into a plan author's terms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from execution_orchestrator.plan.capability import ResourceDemand, RetryPolicy
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue
from execution_orchestrator.plan.model import Action, Case, Catch, Plan, Schedule
from execution_orchestrator.plan.nearest import nearest

SHOWN_CHARACTERS = 60  # of a wrong value
FORMS = 3  # errors that pydantic reports of one value that may have several types

_CODES = {
    "missing": "PLAN_FIELD_MISSING",
    "extra_forbidden": "PLAN_FIELD_UNKNOWN",
    "finite_number": "PLAN_NUMBER_NOT_FINITE",
}
_EXPECTED = {
    "greater_than": "greater than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "literal_error": "{expected}",
    "string_too_long": "at most {max_length} characters long",
    "string_too_short": "at least {min_length} character long",
    "string_pattern_mismatch": "of the form {pattern}",
    "too_short": "at least {min_length} long",
    "finite_number": "a finite number",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
# Branches that hold actions, and what they are.
_ACTIONS_IN = {"catch": "what is caught", "cases": "a case"}
_NAMES_AN_ACTION = frozenset({"action_type", "type", "action"})
# What others call it.
SYNONYMS = {
    "type": "action_type", "action": "action_type", "kind": "action_type", "skill": "action_type",
    "name": "id", "params": "parameters", "args": "parameters", "arguments": "parameters",
    "after": "depends_on", "needs": "depends_on", "requires": "depends_on",
    "dependencies": "depends_on", "when": "condition", "retries": "retry", "steps": "actions",
    "tasks": "actions", "children": "actions", "for_each": "items",
    "seconds": "duration", "do": "actions", "fallback": "fallback_action",
    "undo": "compensation", "undo_partial": "compensation_of_partial", "guard": "while",
    "as_long_as": "while", "resource": "resources",
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What a kind of document is made of, for the words about its mistakes.

    ``root`` is the whole document, ``models`` what stands in fields of these names, ``inner`` what
    stands in all others. ``synonyms``: the field that others' names mean.
    """

    name: str
    root: type[BaseModel]
    inner: type[BaseModel]
    models: Mapping[str, type[BaseModel]]
    synonyms: Mapping[str, str]


PLAN = Shape(
    "plan",
    Plan,
    Action,
    {
        "cases": Case,
        "catch": Catch,
        "retry": RetryPolicy,
        "resources": ResourceDemand,
        "plan": Plan,
        "schedule": Schedule,
    },
    SYNONYMS,
)


def meant_by(name: str, holder: Any) -> str:
    """Return the field that was probably meant by a name that is no field, else nothing."""
    field = SYNONYMS.get(name, "")
    return field if isinstance(holder, Mapping) and field and field not in holder else ""


def structure_issues_of(errors: Sequence[Any], document: Any, shape: Shape = PLAN) -> list[Issue]:
    """Turn pydantic's errors into issues, one for each place in the document.

    A value that may be of several types makes pydantic report every type it is not: they become
    one issue.
    """
    found: dict[str, list[Any]] = {}
    parents: set[str] = set()
    bare: dict[tuple[str | int, ...], Issue] = {}
    told = {_at(error) for error in errors if error["type"] == "extra_forbidden"}
    for error in errors[: MOST_ISSUES * FORMS]:
        path = _path(error, document)
        # Under another name it is there: that is told, once.
        if error["type"] == "missing" and any(
            (*error["loc"][:-1], name) in told
            for name, field in shape.synonyms.items()
            if field == error["loc"][-1]
        ):
            continue
        if error["type"] == "extra_forbidden" and _is_bare_action(path, document, shape):
            bare.setdefault(path[:-1], _bare_action(path))
            parents.update(pointer_of(path[:end]) for end in range(len(path)))
            continue
        pointer = pointer_of(path)
        found.setdefault(pointer, []).append((error, path))
        parents.update(pointer_of(path[:end]) for end in range(len(path)))
    return [*bare.values()] + [
        _issue(pointer, entries, shape)
        for pointer, entries in found.items()
        # Of a mapping that could have been a text, what is wrong inside it is what counts; and a
        # list all of whose elements are wrong is not too short.
        if not (
            pointer in parents
            and all(e["type"].endswith("_type") or e["type"] == "too_short" for e, _ in entries)
        )
    ]


def _is_bare_action(path: Sequence[str | int], document: Any, shape: Shape) -> bool:
    """Whether an action stands where a branch is, which holds actions in a list."""
    if shape is not PLAN or len(path) < 3 or path[-3] not in _ACTIONS_IN:
        return False
    value = document
    for part in path[:-1]:
        value = value[part]
    return isinstance(value, Mapping) and not _NAMES_AN_ACTION.isdisjoint(value)


def _bare_action(path: Sequence[str | int]) -> Issue:
    words = _ACTIONS_IN[str(path[-3])]
    pointer = pointer_of(path[:-1])
    return Issue(
        "PLAN_FIELD_UNKNOWN", f"an action stands here in place of {words}", pointer,
        "Put it into a list of this branch: actions: [{...}].",
    )  # fmt: skip


def pointer_of(path: Sequence[str | int]) -> str:
    """Return the RFC 6901 pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _path(error: Any, document: Any) -> tuple[str | int, ...]:
    """Leave out of pydantic's path the names of the types it tried."""
    path: list[str | int] = []
    value = document
    for number, part in enumerate(error["loc"]):
        inside = isinstance(value, Mapping) and part in value
        if inside or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
        elif not (error["type"] == "missing" and number == len(error["loc"]) - 1):
            continue
        path.append(part)
    return tuple(path)


def _at(error: Any) -> tuple[str | int, ...]:
    return tuple(error["loc"])


def _issue(
    pointer: str, entries: Sequence[tuple[Any, tuple[str | int, ...]]], shape: Shape
) -> Issue:
    error, path = entries[0]
    kind = error["type"]
    name = str(path[-1]) if path else f"the {shape.name}"
    code = _CODES.get(kind, "PLAN_FIELD_INVALID")
    if kind == "missing":
        return Issue(code, f"{name} is missing", pointer, f"Add {name}.")
    if kind == "extra_forbidden":
        return Issue(
            code, f"nothing here is called {name!r}", pointer, _spelling(name, path, shape)
        )
    expected = list(dict.fromkeys(_expected(each) for each, _ in entries))
    return Issue(
        code,
        f"{name} is {_shown(error['input'])}; it has to be {' or '.join(expected)}",
        pointer,
        _cure(error),
    )


def _cure(error: Any) -> str:
    given = error["input"]
    if error["type"] == "bool_type" and isinstance(given, str):
        return "Write true or false, without quotes: yes, no, on and off are texts in YAML 1.2."
    if error["type"] == "string_type" and isinstance(given, bool):
        return f'Put it in quotes: "{_shown(given)}".'
    if error["type"] == "string_type" and isinstance(given, int | float):
        if error["loc"][-2:-1] == ("items",):
            return "Write a list, [1, 2, 3], or an expression that gives one, in quotes."
        return "Put it in quotes: a bare word that looks like a number is one."
    if isinstance(given, str) and "{{" in given and not error["type"].startswith("string"):
        return "Write the value itself: templates may stand in parameters, duration and values."
    if error["type"] in ("tuple_type", "list_type") and isinstance(given, str):
        return f"Put it into brackets: [{_shown(given)}]."
    return "Correct the value, or take the field away where it is optional."


def _expected(error: Any) -> str:
    phrase = _EXPECTED.get(error["type"])
    return phrase.format(**error.get("ctx", {})) if phrase else str(error["msg"])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _spelling(name: str, path: Sequence[str | int], shape: Shape) -> str:
    if name == "<<":
        return "Write the fields out: YAML 1.2 has no merge keys."
    holder = next((str(part) for part in reversed(path[:-1]) if isinstance(part, str)), "")
    model = shape.models.get(holder, shape.inner if holder else shape.root)
    known = [field.alias or key for key, field in model.model_fields.items()]
    near = [field for field in (shape.synonyms.get(name),) if field in known] or nearest(
        name, known
    )
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Take it away. There are: {', '.join(known)}."
