"""Type hashes (REP 2016, RIHS01) and type descriptions."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from ros2_embedded.idl.catalog import definition
from ros2_embedded.idl.definition import Field, FieldType, MessageDefinition

_TYPE_ID = {
    "message": 1, "int8": 2, "uint8": 3, "int16": 4, "uint16": 5, "int32": 6, "uint32": 7,
    "int64": 8, "uint64": 9, "float32": 10, "float64": 11, "char": 3, "bool": 15, "byte": 16,
    "string": 17, "wstring": 18, "bounded_string": 21, "bounded_wstring": 22,
}  # fmt: skip
_ARRAY_OFFSET = {"": 0, "static": 48, "bounded": 96, "unbounded": 144}
_DUMMY = Field("structure_needs_at_least_one_member", FieldType("uint8"))
_SERVICES = ("SendGoal", "GetResult")


@cache
def type_hash(name: str) -> str:
    """Return ``RIHS01_...`` of a message, service or action, or of one of their parts."""
    described = describe(name)
    text = json.dumps(described, ensure_ascii=True)
    return "RIHS01_" + hashlib.sha256(text.encode()).hexdigest()


@cache
def describe(name: str) -> dict[str, Any]:
    """Return the description of a type and of everything it refers to, without default values."""
    own = _fields_of(name)
    referenced: dict[str, dict[str, Any]] = {}
    _collect(own, referenced)
    return {
        "type_description": _struct(name, own),
        "referenced_type_descriptions": [referenced[key] for key in sorted(referenced)],
    }


def _collect(fields: tuple[Field, ...], referenced: dict[str, dict[str, Any]]) -> None:
    for field in fields:
        name = field.type.base
        if field.type.is_message and name not in referenced:
            nested = _fields_of(name)
            referenced[name] = _struct(name, nested)
            _collect(nested, referenced)


def _struct(name: str, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type_name": name,
        "fields": [{"name": field.name, "type": _type(field.type)} for field in fields],
    }


def _type(kind: FieldType) -> dict[str, Any]:
    base = kind.base
    if kind.is_message:
        base = "message"
    elif kind.string_bound:
        base = f"bounded_{base}"
    return {
        "type_id": _TYPE_ID[base] + _ARRAY_OFFSET[kind.array],
        "capacity": kind.size,
        "string_capacity": kind.string_bound,
        "nested_type_name": kind.base if kind.is_message else "",
    }


@cache
def _fields_of(name: str) -> tuple[Field, ...]:
    package, folder, short = name.split("/")
    if folder == "srv" and not short.endswith(("_Request", "_Response", "_Event")):
        return _service(name)
    if folder == "action":
        if short.endswith(tuple(f"_{service}" for service in _SERVICES)):
            return _service(name)
        if "_" not in short:
            return _action(f"{package}/action/{short}")
    kind: MessageDefinition = definition(name)
    return kind.fields or (_DUMMY,)


def _service(name: str) -> tuple[Field, ...]:
    return (
        Field("request_message", FieldType(f"{name}_Request")),
        Field("response_message", FieldType(f"{name}_Response")),
        Field("event_message", FieldType(f"{name}_Event")),
    )


def _action(name: str) -> tuple[Field, ...]:
    return (
        Field("goal", FieldType(f"{name}_Goal")),
        Field("result", FieldType(f"{name}_Result")),
        Field("feedback", FieldType(f"{name}_Feedback")),
        Field("send_goal_service", FieldType(f"{name}_SendGoal")),
        Field("get_result_service", FieldType(f"{name}_GetResult")),
        Field("feedback_message", FieldType(f"{name}_FeedbackMessage")),
    )
