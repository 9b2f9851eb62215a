"""Translates pydantic's structure errors into a plan author's terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel

from execution_orchestrator.plan.capability import ResourceDemand, RetryPolicy
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue
from execution_orchestrator.plan.model import (
    OWN_FIELDS,
    Action,
    Case,
    Catch,
    Plan,
    Schedule,
)
from execution_orchestrator.plan.nearest import MOST_COMPARED, misspelt, nearest
from execution_orchestrator.plan.tree import LISTS, SINGLES
from execution_orchestrator.plan.units import UNITS, number_cure

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
    "too_long": "at most {max_length} long",
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
# What others call it, in small letters with underscores.
SYNONYMS = {
    "type": "action_type",
    "action": "action_type",
    "kind": "action_type",
    "skill": "action_type",
    "uses": "action_type",
    "task": "action_type",
    "name": "id",
    "key": "id",
    "action_id": "id",
    "params": "parameters",
    "args": "parameters",
    "arguments": "parameters",
    "with": "parameters",
    "action_parameters": "parameters",
    "after": "depends_on",
    "needs": "depends_on",
    "requires": "depends_on",
    "upstream": "depends_on",
    "dependencies": "depends_on",
    "when": "condition",
    "skip_if": "condition",
    "run_if": "condition",
    "unless": "condition",
    "ignore_errors": "on_failure",
    "continue_on_error": "on_failure",
    "allow_failure": "on_failure",
    "failure_count": "on_first_failure",
    "failure_threshold": "on_first_failure",
    "failed_when": "postconditions",
    "autonomy": "require_confirmation",
    "confirm": "require_confirmation",
    "confirmation": "require_confirmation",
    "delegate_to": "robot",
    "retries": "retry",
    "retry_policy": "retry",
    "steps": "actions",
    "branches": "actions",
    "tasks": "actions",
    "children": "actions",
    "nodes": "actions",
    "states": "actions",
    "jobs": "actions",
    "body": "actions",
    "for_each": "items",
    "with_items": "items",
    "loop": "items",
    "in": "items",
    "else_if": "cases",
    "elif": "cases",
    "seconds": "duration",
    "do": "actions",
    "fallback": "fallback_action",
    "except": "catch",
    "rescue": "catch",
    "on_exit": "finally",
    "always": "finally",
    "undo": "compensation",
    "undo_partial": "compensation_of_partial",
    "guard": "while",
    "as_long_as": "while",
    "resource": "resources",
    "count": "max_iterations",
    "times": "max_iterations",
    "num_cycles": "max_iterations",
    "interval": "every",
    "timeout_seconds": "timeout",
    "timeout_minutes": "timeout",
    "timeout_ms": "timeout",
    "start_to_close_timeout": "timeout",
    "comment": "description",
    "recovery": "recovery_plan",
    "success_count": "success",
    "success_threshold": "success",
    "cron": "schedule",
}
# The same inside of these fields.
_INSIDE = {
    "retry": {
        "attempts": "max_attempts", "maximum_attempts": "max_attempts", "retries": "max_attempts",
        "delay": "initial_delay", "initial_interval": "initial_delay", "interval": "initial_delay",
        "interval_seconds": "initial_delay", "backoff": "multiplier", "backoff_rate": "multiplier",
        "backoff_coefficient": "multiplier", "maximum_interval": "max_delay",
        "max_delay_seconds": "max_delay",
    },
    "resources": {"name": "resource", "id": "resource", "count": "amount", "quantity": "amount"},
    "cases": {"condition": "when", "if": "when", "value": "is", "then": "actions"},
    "catch": {"error": "errors", "types": "errors", "error_equals": "errors", "then": "actions"},
    "schedule": {"interval": "every", "seconds": "every", "timezone": "time_zone",
                 "start": "starts", "end": "ends", "concurrency_policy": "overlap"},
}  # fmt: skip
_ORDER = "The order of the list is the order of the actions; depends_on names what one waits for."
_DATA = "Outputs are read where they are needed: {{ actions.ID.output.FIELD }}."
# What there is in another form.
_CURES = {
    **dict.fromkeys(
        ("next", "goto", "on_success", "transitions", "edges", "start_at_state"), _ORDER
    ),
    **dict.fromkeys(
        (
            "remapping",
            "register",
            "output_key",
            "output_keys",
            "input_keys",
            "result_path",
            "output_path",
            "input_path",
            "ports",
            "userdata",
        ),
        _DATA,
    ),
    "outcomes": "Its capability names the outcomes; a router goes by them: by: actions.ID.outcome.",
    "trigger_rule": "on_failure and when_skipped say what becomes of those that depend on it.",
    "blocking_type": "depends_on and resources say what runs side by side.",
    **dict.fromkeys(
        ("strategy", "matrix", "strategy_matrix"),
        "Put it into a foreach: {action_type: foreach, items: [...], actions: [{...}]}.",
    ),
}
# What a plan does not have, in other places of its own.
_OF_NO_PLAN = dict.fromkeys(
    ("variables", "vars", "input", "inputs", "params", "parameters", "constants", "env",
     "arguments", "args", "blackboard", "context"),
    "A plan has no values of its own: input is the context that its goal brings.",
)  # fmt: skip
_MOMENTS = frozenset({"start_at", "not_before", "deadline"})
# What a single value in place of a mapping probably is.
_FIRST = {"retry": "max_attempts", "schedule": "cron"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-|\s")


@dataclass(frozen=True)
class Shape:
    """What a kind of document is made of, for the words about its mistakes.

    ``root`` is the whole document, ``models`` the models of fields of these names, ``inner`` that
    of all others. ``synonyms`` maps field names of other tools to those of this format.
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


def meant_by(name: str, holder: Any, inside: str = "") -> str:
    """Return the field that was probably meant by a name that is no field, else nothing.

    ``inside`` is the field around it, of which some have words of their own.
    """
    words = _INSIDE.get(inside, SYNONYMS)
    shaped = as_field(name)
    known = _fields_of(_model(PLAN, inside))
    field = words.get(shaped, "")
    field = field if field in known else misspelt(shaped, known)
    return field if isinstance(holder, Mapping) and field and field not in holder else ""


def _model(shape: Shape, inside: str) -> type[BaseModel]:
    """Return the model of a field of this name; without one, of the whole document."""
    return shape.models.get(inside, shape.inner if inside else shape.root)


def _fields_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or key for key, field in model.model_fields.items()]


def as_field(name: str) -> str:
    """Return a name as fields are written: retryPolicy and Retry-Policy are retry_policy."""
    return _WORD.sub("_", name).lower()


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A place in the document and what pydantic says of it; ``branch``: an action is a branch."""

    pointer: str
    entries: Sequence[tuple[Any, tuple[str | int, ...]]]
    branch: bool = False

    @property
    def code(self) -> str:
        kind = self.entries[0][0]["type"]
        return "PLAN_FIELD_UNKNOWN" if self.branch else _CODES.get(kind, "PLAN_FIELD_INVALID")


def structure_issues_of(
    errors: Sequence[Any], document: Any, shape: Shape = PLAN
) -> Iterator[Issue]:
    """Turn pydantic's errors into issues, one for each place in the document.

    A value that may be of several types makes pydantic report every type it is not: they become
    one issue. Each is put into words when it is asked for.
    """
    for wrong in _wrong_of(errors, document, shape):
        if wrong.branch:
            yield _bare_action(wrong.entries[0][1])
        else:
            yield _issue(wrong, document, shape)


def wrong_places(
    errors: Sequence[Any], document: Any, shape: Shape = PLAN
) -> list[tuple[str, str]]:
    """Return (code, pointer) of each issue that pydantic's errors become."""
    return [(wrong.code, wrong.pointer) for wrong in _wrong_of(errors, document, shape)]


def _wrong_of(errors: Sequence[Any], document: Any, shape: Shape) -> list[_Wrong]:
    found: dict[str, list[Any]] = {}
    parents: set[str] = set()
    bare: dict[tuple[str | int, ...], _Wrong] = {}
    strange: dict[tuple[str | int, ...], dict[str, Any]] = {}  # unknown fields, by their holder
    for error in errors:
        if error["type"] == "extra_forbidden":
            beside = strange.setdefault(_at(error)[:-1], {})
            if len(beside) < MOST_COMPARED:
                beside[str(error["loc"][-1])] = error["input"]
    for error in errors[: MOST_ISSUES * FORMS]:
        path = _path(error, document)
        # The field is there under another name, or may be, which is reported once.
        if error["type"] == "missing" and any(
            name == "<<" or _stands_for(name, value, path, shape)
            for name, value in strange.get(_at(error)[:-1], {}).items()
        ):
            continue
        if error["type"] == "extra_forbidden" and _is_bare_action(path, document, shape):
            bare.setdefault(path[:-1], _Wrong(pointer_of(path[:-1]), [(error, path)], branch=True))
            parents.update(pointer_of(path[:end]) for end in range(len(path)))
            continue
        pointer = pointer_of(path)
        found.setdefault(pointer, []).append((error, path))
        parents.update(pointer_of(path[:end]) for end in range(len(path)))
    return [*bare.values()] + [
        _Wrong(pointer, entries)
        for pointer, entries in found.items()
        # Of a mapping that could have been a text, what is wrong inside it is what counts; and a
        # list all of whose elements are wrong is not too short.
        if not (
            pointer in parents
            and all(e["type"].endswith("_type") or e["type"] == "too_short" for e, _ in entries)
        )
    ]


def _stands_for(name: str, value: Any, path: Sequence[str | int], shape: Shape) -> bool:
    """Whether an unknown field of a holder is what its missing field (the path's last) is."""
    if shape is not PLAN:
        return shape.synonyms.get(name) == path[-1]
    inside = _holder(path)
    if meant_by(name, {}, inside) == path[-1]:
        return True
    return (path[-1] == "action_type" and _is_named_call(name, value)) or (
        path[-1] == "actions" and _is_wrapped(value)
    )


def _is_named_call(name: str, value: Any) -> bool:
    """Whether a field is an action by its type, as others write it: navigate_to: {...}."""
    return not meant_by(name, {}, "actions") and (value is None or isinstance(value, Mapping))


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, Mapping) and "actions" in value


def _is_bare_action(path: Sequence[str | int], document: Any, shape: Shape) -> bool:
    """Whether an action is given in place of a branch, which holds a list of actions."""
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


def _issue(wrong: _Wrong, document: Any, shape: Shape) -> Issue:
    (error, path), pointer, code = wrong.entries[0], wrong.pointer, wrong.code
    kind = error["type"]
    name = _name_of(path) if path else f"the {shape.name}"
    if error["loc"][-1:] == ("[key]",):
        name = "the name"
    if kind == "missing":
        return Issue(code, f"{name} is missing", pointer, f"Add {name}.")
    if kind == "extra_forbidden":
        return Issue(
            code,
            f"nothing here is called {name!r}",
            pointer,
            _spelling(str(path[-1]), path, error["input"], document, shape),
        )
    expected = list(dict.fromkeys(_expected(each) for each, _ in wrong.entries))
    return Issue(
        code,
        f"{name} is {_shown(error['input'])}; it has to be {' or '.join(expected)}",
        pointer,
        _cure(error, path),
    )


def _name_of(path: Sequence[str | int]) -> str:
    """Return the field of a path; an entry of a list with its place, counted from 0."""
    if isinstance(path[-1], str) or len(path) == 1:
        return str(path[-1])
    return f"{path[-2]}[{path[-1]}]"


def _holder(path: Sequence[str | int]) -> str:
    """Return the field that holds the last part of a path."""
    return next((str(part) for part in reversed(path[:-1]) if isinstance(part, str)), "")


def _cure(error: Any, path: Sequence[str | int]) -> str:
    given, kind = error["input"], error["type"]
    if kind == "bool_type":
        suffix = ", without quotes: yes, no, on and off are texts in YAML 1.2."
        return f"Write true or false{suffix if isinstance(given, str) else '.'}"
    if kind == "string_type" and isinstance(given, bool):
        return f'Put it in quotes: "{_shown(given)}".'
    if kind == "string_type" and isinstance(given, int | float):
        if error["loc"][-2:-1] in (("items",), ("for_each",)):
            return "Write a list, [1, 2, 3], or an expression that gives one, in quotes."
        return "Put it in quotes: a bare word that looks like a number is one."
    if isinstance(given, str) and "{{" in given and not kind.startswith("string"):
        return "Write the value itself: templates may stand in parameters, duration and values."
    if kind in ("tuple_type", "list_type"):
        return _as_list(given, path)
    if kind in ("dict_type", "model_type"):
        return _as_mapping(given, path)
    if kind.partition("_")[0] in ("float", "int") and not isinstance(given, int | float):
        return number_cure(given if isinstance(given, str) else "", UNITS.get(str(path[-1]), ""))
    if kind == "string_pattern_mismatch":
        return _fitting_name(given, error["ctx"]["pattern"])
    if path[-1] in _MOMENTS and isinstance(given, int | float):
        return (
            f'Write a moment: "07:00", "tomorrow 07:00"; how long it may take is timeout: {given}.'
        )
    return "Correct the value, or take the field away where it is optional."


def _fitting_name(given: str, pattern: str) -> str:
    """Return the name that is nearest to one with signs that it may not have."""
    shaped = re.sub(r"\W", "_", given, flags=re.ASCII)
    suffix = f": {shaped}" if re.fullmatch(pattern, shaped) and shaped.strip("_") else ""
    return f"Use letters, digits and underscores{suffix}."


def _as_list(given: Any, path: Sequence[str | int]) -> str:
    if isinstance(given, str):
        words = [word.strip() for word in given.split(",")]
        several = len(words) > 1 and all(word.isidentifier() for word in words)
        return f"Put it into brackets: {_shown(words if several else [given])}."
    if not isinstance(given, Mapping):
        return "Write a list: [...]."
    if "action_type" in given or path[-1] not in LISTS:
        return "Put it into brackets, [{...}], or begin it with a dash."
    return "Write a list: begin every action with a dash, and give its name as id."


def _as_mapping(given: Any, path: Sequence[str | int]) -> str:
    if isinstance(given, str) and path[-1] == "plan":
        return f"Write file: {_shown(given)}; plan holds the subplan itself."
    if isinstance(given, list) and path[-1] == "parameters":
        return "Write names and values: parameters: {name: value}."
    first = _FIRST.get(str(path[-1]))
    if first is not None and isinstance(given, str | int) and not isinstance(given, bool):
        return f"Write {path[-1]}: {{{first}: {_shown(given)}}}."
    listed = isinstance(path[-1], int) and _holder(path) in (*LISTS, "recovery_plan")
    if listed or path[-1] in SINGLES:
        if isinstance(given, list):
            return "It is one action: leave the brackets away; several go into a sequence."
        kind = given if isinstance(given, str) and given.isidentifier() else "..."
        return f"Write the action itself: {{action_type: {kind}, parameters: {{...}}}}."
    if _holder(path) == "signals":
        return f"Write its JSON Schema: {path[-1]}: {{type: boolean}}."
    return "Write a mapping: {name: value}; or take the field away where it is optional."


def _expected(error: Any) -> str:
    phrase = _EXPECTED.get(error["type"])
    return phrase.format(**error.get("ctx", {})) if phrase else str(error["msg"])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _spelling(name: str, path: Sequence[str | int], value: Any, document: Any, shape: Shape) -> str:
    if name == "<<":
        return "Write the fields out: YAML 1.2 has no merge keys."
    inside = _holder(path)
    model = _model(shape, inside)
    known = _fields_of(model)
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    words = _INSIDE.get(inside, shape.synonyms)
    meant = name if name in words else as_field(name)
    near = [meant] if meant in known else [words[meant]] if words.get(meant) in known else []
    if near:
        return f"Did you mean {near[0]}?{_whose(near[0], holder, model)}"
    elsewhere = _elsewhere(name, value, holder, model) if shape is PLAN else ""
    if elsewhere:
        return elsewhere
    fitting = _fitting(known, holder, model)
    if only := misspelt(name, known):
        return f"Did you mean {only}?{_whose(only, holder, model)}"
    if close := nearest(name, fitting):
        return f"Did you mean {' or '.join(close)}?"
    return f"Take it away. There are: {', '.join(fitting)}."


def _whose(field: str, holder: Any, model: type[BaseModel]) -> str:
    """Say where a field belongs that the action's type does not have; nothing if it has it."""
    kind = holder.get("action_type") if isinstance(holder, Mapping) else None
    owners = [owner for owner, fields in OWN_FIELDS.items() if field in fields]
    if model is not Action or not isinstance(kind, str) or not owners or kind in owners:
        return ""
    return f" It is a field of {' or '.join(owners)}."


def _elsewhere(name: str, value: Any, holder: Any, model: type[BaseModel]) -> str:
    """Return the cure for a field that there is in another place."""
    if model is Plan and _is_wrapped(value):
        return f"Leave {name} away: what is in it is the document itself."
    if model not in (Plan, Action):
        return ""
    field = as_field(name)
    if model is Plan and field in _OF_NO_PLAN:
        return _OF_NO_PLAN[field]
    if field in _CURES:
        return _CURES[field]
    for place in ("retry", "resources", "cases", "catch"):
        fields = [one.alias or key for key, one in PLAN.models[place].model_fields.items()]
        found = _INSIDE[place].get(field, "") if place == "retry" else ""
        if field in fields or found:
            inside = f"{{{found or field}: ...}}"
            whose = "the action's " if model is Plan else ""
            return (
                f"It belongs into {whose}{place}: {inside if place == 'retry' else f'[{inside}]'}."
            )
    if model is Plan and field in Action.model_fields:
        return "It belongs to an action, not to the plan."
    if model is Action and field in Plan.model_fields:
        return "It belongs to the plan, beside its actions."
    typed = "action_type" in holder or any(
        meant_by(key, {}) == "action_type" for key in islice(holder, MOST_COMPARED)
    )
    if model is Action and not typed and _is_named_call(name, value):
        return f"If it is an action, write action_type: {name}, parameters: {{...}}."
    return ""


def _fitting(known: Sequence[str], holder: Any, model: type[BaseModel]) -> list[str]:
    """Return the fields that there are for an action of its type."""
    if model is not Action:
        return list(known)
    kind = holder.get("action_type")
    own = OWN_FIELDS.get(kind, ()) if isinstance(kind, str) else ()
    owned = {field for fields in OWN_FIELDS.values() for field in fields}
    return [field for field in known if field in own or field not in owned]
