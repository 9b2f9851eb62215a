"""Checks templates and mappings against the interface types that are installed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from execution_orchestrator.capabilities.goal_template import (
    REFERENCE_KEYS,
    Reference,
    reference_of,
)
from execution_orchestrator.plan.capability import FeedbackMapping, ResultMapping

_PRODUCES = {
    "pose": "geometry_msgs/Pose",
    "pose_stamped": "geometry_msgs/PoseStamped",
    "pose_stamped_list": "sequence<geometry_msgs/PoseStamped>",
    "goals": "nav_msgs/Goals",
    "point_stamped": "geometry_msgs/PointStamped",
    "polygon_stamped": "geometry_msgs/PolygonStamped",
    "duration": "builtin_interfaces/Duration",
    "motion_plan_request": "moveit_msgs/MotionPlanRequest",
}
_SEQUENCE = re.compile(r"^sequence<(?P<item>[^,>]+)(?:, *\d+)?>$|^(?P<array>.+)\[\d+\]$")
_INDEX = re.compile(r"\[\d+\]")


class InterfaceCatalogue(Protocol):
    """Knows the installed interface types."""

    def fields(self, type_name: str) -> Mapping[str, str] | None:
        """Field types of a message such as ``nav2_msgs/action/Spin_Goal``; None: not installed.

        Types are written as rosidl does: ``double``, ``geometry_msgs/Pose``,
        ``sequence<geometry_msgs/Pose>``.
        """


def parts(kind: str, interface_type: str) -> tuple[str, str, str]:
    """The type names of goal, result and feedback of an interface ('' where there is none)."""
    if kind == "action":
        return (f"{interface_type}_Goal", f"{interface_type}_Result", f"{interface_type}_Feedback")
    if kind == "service":
        return (f"{interface_type}_Request", f"{interface_type}_Response", "")
    return (interface_type, "", "")


def is_installed(catalogue: InterfaceCatalogue, kind: str, interface_type: str) -> bool:
    """Whether the type can be used here."""
    return kind == "tool" or catalogue.fields(parts(kind, interface_type)[0]) is not None


def template_problems(
    catalogue: InterfaceCatalogue, type_name: str, template: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Field path, message and hint for everything a template gets wrong about a message type."""
    fields = catalogue.fields(type_name)
    if fields is None:
        yield path, f"the type {type_name} is not installed", "install or source its package"
        return
    for name, node in template.items():
        place = f"{path}.{name}" if path else name
        field_type = fields.get(name)
        if field_type is None:
            yield place, f"{type_name} has no field {name!r}", f"it has {', '.join(fields)}"
        else:
            yield from _node_problems(catalogue, field_type, node, place)


def _node_problems(
    catalogue: InterfaceCatalogue, field_type: str, node: Any, place: str
) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, Mapping):
        reference = reference_of(node)
        if reference is not None:
            yield from _reference_problems(field_type, reference, place)
        elif _meant_as_reference(catalogue, field_type, node):
            # Its keys are not fields of a message.
            unknown = next(key for key in node if key not in REFERENCE_KEYS)
            known = ", ".join(sorted(REFERENCE_KEYS))
            yield place, f"the value of a parameter has no key {unknown!r}", f"it has {known}"
        elif "/" in field_type and not _SEQUENCE.match(field_type):
            yield from template_problems(catalogue, message_type(field_type), node, place)
        else:
            yield place, f"the field is a {field_type}, not a message", "give a plain value"
    elif isinstance(node, list):
        items = _SEQUENCE.match(field_type)
        if items is None:
            yield place, f"the field is a {field_type}, not a list", "give a single value"
            return
        item_type = items["item"] or items["array"]
        for index, item in enumerate(node):
            yield from _node_problems(catalogue, item_type, item, f"{place}[{index}]")


def _meant_as_reference(
    catalogue: InterfaceCatalogue, field_type: str, node: Mapping[str, Any]
) -> bool:
    fields = catalogue.fields(message_type(field_type)) if "/" in field_type else None
    return "parameter" in node and "parameter" not in (fields or ())


def _reference_problems(
    field_type: str, reference: Reference, place: str
) -> Iterator[tuple[str, str, str]]:
    produced = _PRODUCES.get(reference.conversion)
    if produced is not None and produced != field_type:
        yield (
            place,
            f"'as: {reference.conversion}' makes a {produced}, the field is a {field_type}",
            "choose another conversion",
        )


def mapping_problems(
    catalogue: InterfaceCatalogue, type_name: str, paths: Iterator[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Key, message and hint for every field path that does not exist in a message type."""
    for key, path in paths:
        current = type_name
        for name in filter(None, _INDEX.sub("", path).split(".")):
            fields = catalogue.fields(current) if current else None
            if fields is None:
                break
            if name not in fields:
                yield key, f"{current} has no field {name!r}", f"it has {', '.join(fields)}"
                break
            found = _SEQUENCE.match(fields[name])
            item = (found["item"] or found["array"]) if found else fields[name]
            current = message_type(item) if "/" in item else ""


def result_paths(entry: ResultMapping) -> Iterator[tuple[str, str]]:
    """Every field path of a result mapping with its key."""
    for key in ("error_code", "error_message", "success"):
        if path := getattr(entry, key):
            yield key, path
    for path in [entry.done_if] if isinstance(entry.done_if, str) else entry.done_if:
        if path:
            yield "done_if", path
    if entry.missed is not None:
        yield "missed.field", entry.missed.field
        for key in ("place", "code"):
            if name := getattr(entry.missed, key):
                yield f"missed.{key}", f"{entry.missed.field}.{name}"
    for name, source in entry.output.items():
        yield f"output.{name}", source if isinstance(source, str) else str(source.get("field", ""))


def feedback_paths(entry: FeedbackMapping) -> Iterator[tuple[str, str]]:
    """Every field path of a feedback mapping with its key; ``total`` may be a parameter instead."""
    for key in ("phase", "progress", "remaining", "done", "estimated_remaining"):
        if path := getattr(entry, key):
            yield key, path
    for path in entry.data:
        yield "data", path


def message_type(field_type: str) -> str:
    """``pkg/Name`` as rosidl writes field types, to ``pkg/msg/Name``."""
    package, _, name = field_type.rpartition("/")
    return field_type if "/" in package else f"{package}/msg/{name}"
