"""Translates jsonschema's errors of parameters into a plan author's terms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from execution_orchestrator.plan.units import number_cure

if TYPE_CHECKING:
    import jsonschema

MOST = 300  # characters of a message
NUMBERS = {"number": "a number", "integer": "a whole number"}
KINDS = NUMBERS | {"string": "a text", "boolean": "true or false", "array": "a list"}


def nearest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Return the error that matters: of several forms, the one that was meant."""
    while error.validator in ("anyOf", "oneOf") and error.context:
        forms: dict[Any, list[jsonschema.ValidationError]] = {}
        for one in error.context:
            forms.setdefault(one.relative_schema_path[0], []).append(one)
        # What is of another kind altogether was not meant.
        meant = [form for form in forms.values() if not any(_other_kind(one) for one in form)]
        if not meant:
            return error
        # The form that knows most of what was given, and of these the one of which least is wrong;
        # a wrong value inside it says more than a missing one.
        given = error.instance
        written: Any = error.validator_value
        best = min(
            meant,
            key=lambda form: (
                _strangers(given, written[form[0].relative_schema_path[0]]),
                len(form),
                form[0].validator in ("anyOf", "required"),
            ),
        )
        best.sort(key=lambda one: one.validator in ("anyOf", "required"))
        if _is_choice(error):
            return error
        error = best[0]
    return error


def wrong(error: jsonschema.ValidationError) -> str:
    """Return a description of an error, in at most MOST characters."""
    return _words(error)[:MOST]


def hint(error: jsonschema.ValidationError) -> str:
    """Say what the schema says about the value: its unit, its frame, its choices."""
    schema: Any = error.schema
    if not isinstance(schema, Mapping):
        return ""
    words = str(schema.get("description", ""))
    name = str(error.path[-1]) if error.path else ""
    given: Any = error.instance
    if error.validator == "type" and error.validator_value == "string":
        if isinstance(given, int | float):  # true and false, too
            return f'Put it in quotes: "{_shown(given)}".'
    elif error.validator == "type" and error.validator_value in NUMBERS:
        if isinstance(given, str):
            return f"{f'{name}: {words}. ' if words else ''}{number_cure(given, words)}"
    elif error.validator == "type" and error.validator_value == "array":
        return f"Write a list, of one entry as well: [{_shown(given)}]."[:MOST]
    if error.validator in ("maximum", "minimum") and words.startswith("radians"):
        words += f"; {given:g} degrees are {math.radians(given):.4g}"
    return f"{name}: {words}." if name and words else f"{words}." if words else ""


def _words(error: jsonschema.ValidationError) -> str:
    given: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            return str(error.message).replace("is a required property", "is missing")
        case "additionalProperties":
            schema: Any = error.schema
            stray = sorted(set(given) - set(schema.get("properties", {})))
            strange = ", ".join(map(repr, stray))
            inside = [part for part in error.absolute_path if isinstance(part, str)]
            return (
                f"{inside[-1]} has no {strange}" if inside else f"no parameter is called {strange}"
            )
        case "type" if isinstance(wanted, str) and wanted in KINDS:
            return f"{_shown(given)} is not {KINDS[wanted]}"
        case "minimum":
            return f"{_shown(given)} is less than {wanted}"
        case "maximum":
            return f"{_shown(given)} is more than {wanted}"
        case "exclusiveMinimum":
            return f"{_shown(given)} is not more than {wanted}"
        case "exclusiveMaximum":
            return f"{_shown(given)} is not less than {wanted}"
        case "pattern":
            return f"{_shown(given)} has not the form it should have"
        case "minItems":
            return f"{len(given)} entries are fewer than {wanted}"
        case "maxItems":
            return f"{len(given)} entries are more than {wanted}"
        case "anyOf" | "oneOf" if _is_choice(error):
            names = [name for form in wanted for name in form["required"]]
            found = [name for name in names if name in given]
            present = f"given: {', '.join(found)}" if found else "none is given"
            number = "exactly" if error.validator == "oneOf" else "at least"
            return f"{number} one of {', '.join(names)} is needed; {present}"
        case "anyOf" | "oneOf":
            return f"{_shown(given)} has none of the forms it may have"
        case _:
            return str(error.message)


def _shown(value: Any) -> str:
    """Return a value as a document writes it."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _strangers(given: Any, form: Any) -> int:
    """Count the names that were given and that a form does not know."""
    if not isinstance(given, Mapping) or not isinstance(form, Mapping):
        return 0
    return len(set(given) - set(form.get("properties", {})))


def _is_choice(error: jsonschema.ValidationError) -> bool:
    """Say whether the forms only name the parameters of which one is needed."""
    forms: Any = error.validator_value
    return isinstance(error.instance, Mapping) and all(
        isinstance(form, Mapping) and set(form) == {"required"} for form in forms
    )


def _other_kind(error: jsonschema.ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path
