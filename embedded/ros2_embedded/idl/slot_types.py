"""The fields' types as rosidl_parser describes them, made when somebody asks."""

from __future__ import annotations

from functools import cache
from typing import Any

from ros2_embedded.idl.definition import FieldType, MessageDefinition

_BASIC = {
    "float32": "float",
    "float64": "double",
    "bool": "boolean",
    "byte": "octet",
    "char": "uint8",
}


def slot_types(kind: MessageDefinition) -> tuple[Any, ...]:
    """Return one description a field."""
    return _described(tuple(field.type for field in kind.fields))


@cache
def _described(kinds: tuple[FieldType, ...]) -> tuple[Any, ...]:
    return tuple(_describe(kind) for kind in kinds)


def _describe(kind: FieldType) -> Any:
    from rosidl_parser import definition as parser  # noqa: PLC0415

    if kind.array:
        element = _describe(kind.element)
        if kind.array == "static":
            return parser.Array(element, kind.size)
        if kind.array == "bounded":
            return parser.BoundedSequence(element, kind.size)
        return parser.UnboundedSequence(element)
    if kind.is_message:
        package, folder, name = kind.base.split("/")
        return parser.NamespacedType([package, folder], name)
    if kind.base == "string":
        return (
            parser.BoundedString(kind.string_bound)
            if kind.string_bound
            else parser.UnboundedString()
        )
    if kind.base == "wstring":
        return (
            parser.BoundedWString(kind.string_bound)
            if kind.string_bound
            else parser.UnboundedWString()
        )
    return parser.BasicType(_BASIC.get(kind.base, kind.base))
