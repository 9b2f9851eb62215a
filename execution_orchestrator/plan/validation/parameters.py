"""Parameters of an action: what the schema of its capability says about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import msgspec

from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.document import pointed
from execution_orchestrator.plan.expressions import has_template, is_unclosed
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue
from execution_orchestrator.plan.nearest import nearest as closest
from execution_orchestrator.plan.schemas import explainer
from execution_orchestrator.plan.validation.schema_errors import hint, nearest, wrong
from execution_orchestrator.plan.validation.walk import Place

if TYPE_CHECKING:
    import jsonschema

OTHERS_CALL_IT = {"theta": "yaw", "heading": "yaw", "position_x": "x", "position_y": "y"}
MOST_STRAYS = 10  # unknown names for which near ones are looked for
# What a schema says of a value whatever the templates inside it give.
KNOWN_BEFORE = ("required", "additionalProperties", "minItems", "maxItems")


class _Rules:
    """A schema with two validators: a fast one, and one that explains errors."""

    def __init__(self, schema: bytes) -> None:
        self._schema = schema
        self._quick: jsonschema_rs.Draft202012Validator | None = None
        with suppress(jsonschema_rs.ValidationError):  # a pattern that only Python can read
            self._quick = jsonschema_rs.Draft202012Validator(msgspec.json.decode(schema))

    def errors(self, parameters: dict[str, Any]) -> list[jsonschema.ValidationError]:
        if self._quick is not None and self._quick.is_valid(parameters):
            return []
        every = explainer(self._schema).iter_errors(parameters)
        return [nearest(each) for each in islice(every, MOST_ISSUES)]


_rules = lru_cache(maxsize=512)(_Rules)


def parameter_issues(place: Place, spec: CapabilitySpec) -> Iterator[Issue]:
    """Check the parameters of one action."""
    if not spec.parameters:
        return
    errors = _rules(msgspec.json.encode(spec.parameters)).errors(place.action.parameters)
    swapped: dict[str, list[str]] = {}  # missing names, by where they are missing
    misspelt = {
        near
        for error in errors
        if error.validator == "additionalProperties"
        for near in _near_names(error)
    }
    for error in errors:
        # What lacks one name and has a strange one has that under the wrong name.
        if error.validator == "required" and (name := _missing(error)) not in misspelt:
            swapped.setdefault(str(list(error.absolute_path)), []).append(name)
    for error in errors:
        missing = error.validator == "required"
        unknown = error.validator == "additionalProperties"
        # What a template will give is not known before it runs; the adapter checks it then.
        if error.validator not in KNOWN_BEFORE and _has_or_opens_template(error.instance):
            continue
        if missing and _missing(error) in misspelt:
            continue
        lacks = swapped.get(str(list(error.absolute_path)), [])
        strange = _strays(error) if unknown or missing else []
        # What is missing is there under a name that is far from its own.
        swaps = bool(lacks) and bool(strange) and not _near_names(error)
        if swaps and missing and any(one.validator == "additionalProperties" for one in errors):
            continue
        meant = swaps and len(lacks) == len(strange) == 1
        path = "".join(f"/{part}" for part in error.absolute_path)
        if unknown:
            path = pointed(path, str(strange[0]))
        yield Issue(
            "PARAMETER_MISSING"
            if missing
            else "PARAMETER_UNKNOWN"
            if unknown
            else "PARAMETER_INVALID",
            f"{spec.name}: {wrong(error)}",
            f"{place.pointer}/parameters{path}",
            _beside(error, place)
            if missing and _beside(error, place)
            else f"Did you mean {lacks[0]}?"
            if meant and unknown
            else _names(error, unknown=unknown, lacks=lacks if swaps else ())
            if missing or unknown
            else hint(error)
            or f"Its parameters: {', '.join(sorted(spec.parameters.get('properties', {})))}.",
        )


def _has_or_opens_template(value: Any) -> bool:
    """Whether a value has a template; an unclosed one counts, and has an issue of its own."""
    return has_template(value) or (isinstance(value, str) and is_unclosed(value))


def _beside(error: jsonschema.ValidationError, place: Place) -> str:
    """Return the cure where what is missing stands beside the parameters, as a field."""
    name = _missing(error)
    if error.absolute_path or name not in place.action.model_fields_set:
        return ""
    return f"It is a parameter: write parameters: {{{name}: ...}}."


def _names(error: jsonschema.ValidationError, *, unknown: bool, lacks: Sequence[str] = ()) -> str:
    """Return the nearest names of parameters, or of fields of one, or all there are.

    ``lacks`` are those that are missing beside them.
    """
    near = _near_names(error)
    if near and unknown:
        return f"Did you mean {' and '.join(near)}?"
    known = ", ".join(_known(error))
    needs = f" {' and '.join(lacks)} must be there." if lacks and unknown else ""
    return (f"It has: {known}." if error.absolute_path else f"Its parameters: {known}.") + needs


def _missing(error: jsonschema.ValidationError) -> str:
    return str(error.message).split("'")[1]


def _strays(error: jsonschema.ValidationError) -> list[str]:
    """Return the names that were given and are not known."""
    known, given = _known(error), error.instance
    return [name for name in given if name not in known] if isinstance(given, dict) else []


def _known(error: jsonschema.ValidationError) -> list[str]:
    schema: Any = error.schema
    return sorted(schema.get("properties", {}))


def _near_names(error: jsonschema.ValidationError) -> list[str]:
    known = _known(error)
    strays = _strays(error)[:MOST_STRAYS]
    return [near for one in strays for near in _meant(str(one), known)[:1]]


def _meant(name: str, known: Sequence[str]) -> list[str]:
    other = OTHERS_CALL_IT.get(name, "")
    return [other] if other in known else closest(name, known)
