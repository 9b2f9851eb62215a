"""One action by itself: its type, parameters, resources, times and the fields of its kind."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema
import msgspec

from execution_orchestrator.plan.capability import CapabilitySpec, ResourceDemand, RobotModel
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue, Severity
from execution_orchestrator.plan.model import CONTROL_FLOW, Action
from execution_orchestrator.plan.validation.schema_errors import hint, nearest, wrong
from execution_orchestrator.plan.validation.walk import Place

NEEDED = {
    "sequence": ("actions",), "parallel": ("actions",), "conditional": ("if",),
    "router": ("cases",), "foreach": ("items", "actions"), "try": ("actions",),
    "subplan": ("plan",), "delay": ("duration",), "wait_for": ("until",), "return": (),
}  # fmt: skip
# What a schema says of a value whatever the templates inside it give.
KNOWN_BEFORE = ("required", "additionalProperties", "minItems", "maxItems")


def action_issues(
    place: Place, robot: RobotModel, unavailable: Mapping[str, str]
) -> Iterator[Issue]:
    """Check one action."""
    action = place.action
    if action.action_type in CONTROL_FLOW:
        yield from _kind_issues(place)
        return
    spec = robot.capabilities.get(action.action_type)
    if spec is None:
        yield _unknown(place, robot, unavailable)
        return
    yield from _stray_fields(place)
    yield from _parameters(place, spec)
    yield from _resources(place, spec, robot)
    yield from _times(place, spec)


def _unknown(place: Place, robot: RobotModel, unavailable: Mapping[str, str]) -> Issue:
    kind = place.action.action_type
    if kind in unavailable:
        return Issue(
            "ACTION_TYPE_UNAVAILABLE",
            f"{kind} cannot be used on this robot: {unavailable[kind]}",
            f"{place.pointer}/action_type",
            "Install what is missing, or use another action.",
        )
    near = difflib.get_close_matches(kind, [*robot.capabilities, *CONTROL_FLOW], n=3)
    known = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else (f"There are: {', '.join(sorted(robot.capabilities)) or 'none'}.")
    )
    return Issue(
        "ACTION_TYPE_UNKNOWN", f"nothing is called {kind!r}", f"{place.pointer}/action_type", known
    )


def _kind_issues(place: Place) -> Iterator[Issue]:
    action = place.action
    values: dict[str, Any] = {
        "actions": action.actions, "if": action.if_, "cases": action.cases, "items": action.items,
        "plan": action.plan, "duration": action.duration, "until": action.until,
    }  # fmt: skip
    for field in NEEDED[action.action_type]:
        if values[field] in (None, ()):
            yield Issue(
                "CONTROL_FLOW_FIELD_MISSING",
                f"{action.action_type} needs {field}",
                place.pointer,
                f"Add {field}.",
            )
    if action.parameters:
        yield Issue(
            "CONTROL_FLOW_PARAMETERS",
            f"{action.action_type} has no parameters",
            f"{place.pointer}/parameters",
            "Its fields stand beside action_type.",
        )


def _stray_fields(place: Place) -> Iterator[Issue]:
    action = place.action
    stray = {
        "actions": action.actions, "then": action.then, "else": action.else_, "if": action.if_,
        "cases": action.cases, "items": action.items, "catch": action.catch,
        "finally": action.finally_, "plan": action.plan, "file": action.file, "until": action.until,
    }  # fmt: skip
    for field, value in stray.items():
        if value not in (None, ()):
            yield Issue(
                "ACTION_FIELD_OUT_OF_PLACE",
                f"{field} belongs to control flow, not to {action.action_type}",
                f"{place.pointer}/{field}",
                "Take it away, or put the action inside the control flow.",
            )


@lru_cache(maxsize=512)
def _checker(schema: bytes) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(msgspec.json.decode(schema))


def _parameters(place: Place, spec: CapabilitySpec) -> Iterator[Issue]:
    if not spec.parameters:
        return
    checker = _checker(msgspec.json.encode(spec.parameters))
    for found in islice(checker.iter_errors(place.action.parameters), MOST_ISSUES):
        error = nearest(found)
        missing = error.validator == "required"
        unknown = error.validator == "additionalProperties"
        # What a template will give is not known before it runs; the adapter checks it then.
        if error.validator not in KNOWN_BEFORE and has_template(found.instance):
            continue
        path = "".join(f"/{part}" for part in error.absolute_path)
        yield Issue(
            "PARAMETER_MISSING"
            if missing
            else "PARAMETER_UNKNOWN"
            if unknown
            else "PARAMETER_INVALID",
            f"{spec.name}: {wrong(error)}",
            f"{place.pointer}/parameters{path}",
            _names(error, spec, unknown=unknown)
            if (missing or unknown) and not path
            else hint(error),
        )


def _names(error: jsonschema.ValidationError, spec: CapabilitySpec, *, unknown: bool) -> str:
    """Return the nearest names of parameters, or all there are."""
    known = sorted(spec.parameters.get("properties", {}))
    instance = error.instance
    given = [name for name in instance if name not in known] if isinstance(instance, dict) else []
    near = [name for one in given for name in difflib.get_close_matches(str(one), known, n=1)]
    if near and unknown:
        return f"Did you mean {' and '.join(near)}?"
    return f"Its parameters: {', '.join(known)}."


def _resources(place: Place, spec: CapabilitySpec, robot: RobotModel) -> Iterator[Issue]:
    demands = place.action.resources if place.action.resources is not None else spec.resources
    for index, demand in enumerate(demands):
        whole = ResourceDemand(resource=demand) if isinstance(demand, str) else demand
        pointer = f"{place.pointer}/resources/{index}"
        resource = robot.resources.get(whole.resource)
        if resource is None:
            classes = [r for r in robot.resources.values() if r.type == whole.resource]
            if not classes:
                yield Issue(
                    "RESOURCE_UNKNOWN",
                    f"there is no resource {whole.resource!r}",
                    pointer,
                    f"There are: {', '.join(sorted(robot.resources)) or 'none'}.",
                )
        elif whole.amount > resource.capacity:
            yield Issue(
                "RESOURCE_DEMAND_IMPOSSIBLE",
                f"{whole.amount:g} of {whole.resource} are wanted, there are {resource.capacity:g}",
                pointer,
                "Ask for less, or the action will never start.",
            )


def _times(place: Place, spec: CapabilitySpec) -> Iterator[Issue]:
    action: Action = place.action
    estimate = action.estimated_duration
    estimate = spec.estimated_duration if estimate is None else estimate
    if action.timeout is not None and estimate > action.timeout:
        yield Issue(
            "TIMEOUT_BELOW_ESTIMATE",
            f"{action.id or action.action_type} may take {action.timeout:g} s but is estimated at "
            f"{estimate:g} s",
            f"{place.pointer}/timeout",
            "Raise timeout or correct estimated_duration.",
            Severity.WARNING,
        )
