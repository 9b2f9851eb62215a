"""Plain fields (mappings, lists, numbers, strings) to messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.ros.messages.installed import interface_class

_FLOATS = frozenset({"float", "double", "float32", "float64", "long double"})
_STRINGS = re.compile(r"^w?string(?:<(?P<bound>\d+)>)?$")
_INTEGERS = re.compile(r"^(?P<unsigned>u?)int(?P<bits>8|16|32|64)$")
_SEQUENCE = re.compile(r"^sequence<(?P<item>.+?)(?:, *(?P<bound>\d+))?>$")
_ARRAY = re.compile(r"^(?P<item>.+)\[(?P<size>\d+)\]$")


class MessageFieldError(ValueError):
    """A value a field cannot take; the message names the field."""


def message_from_fields(message_type: Any, fields: Mapping[str, Any], place: str = "") -> Any:
    """Return a message with these fields set and the rest at their defaults.

    Raises:
        MessageFieldError: a field does not exist or cannot take its value.

    """
    message = message_type()
    types = message_type.get_fields_and_field_types()
    for name, value in fields.items():
        where = f"{place}.{name}" if place else name
        field_type = types.get(name)
        if field_type is None:
            raise MessageFieldError(
                f"{where}: {message_type.__name__} has no such field; it has {', '.join(types)}"
            )
        converted = field_value(field_type, value, where)
        try:
            setattr(message, name, converted)
        except (AssertionError, TypeError, ValueError, OverflowError) as failure:
            raise MessageFieldError(f"{where}: {value!r} is no {field_type}: {failure}") from None
    return message


def field_value(field_type: str, value: Any, place: str) -> Any:
    """Return a value in the Python type a field of ``field_type`` wants.

    Raises:
        MessageFieldError: the value does not fit.

    """
    sequence = _SEQUENCE.match(field_type)
    if sequence:
        items = _repeated(sequence["item"], value, place)
        if sequence["bound"] and len(items) > int(sequence["bound"]):
            raise MessageFieldError(f"{place}: at most {sequence['bound']} items are allowed")
        return items
    array = _ARRAY.match(field_type)
    if array:
        items = _repeated(array["item"], value, place)
        if len(items) != int(array["size"]):
            raise MessageFieldError(f"{place}: exactly {array['size']} items are needed")
        return items
    if "/" in field_type:
        if not isinstance(value, Mapping):
            raise MessageFieldError(f"{place}: a mapping of the fields of {field_type} is needed")
        return message_from_fields(_nested(field_type), value, place)
    if isinstance(value, Mapping) or (
        isinstance(value, Sequence) and not isinstance(value, str | bytes)
    ):
        raise MessageFieldError(f"{place}: {value!r} is no {field_type}")
    return _scalar(field_type, value, place)


def _nested(field_type: str) -> Any:
    package, _, name = field_type.rpartition("/")
    return interface_class(field_type if "/" in package else f"{package}/msg/{name}")


def _repeated(item_type: str, value: Any, place: str) -> list[Any]:
    if item_type in ("uint8", "octet", "byte") and isinstance(value, bytes | bytearray):
        return list(value) if item_type == "uint8" else [bytes([octet]) for octet in value]
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        raise MessageFieldError(f"{place}: a list is needed, not {value!r}")
    return [field_value(item_type, item, f"{place}[{index}]") for index, item in enumerate(value)]


def _scalar(field_type: str, value: Any, place: str) -> Any:
    if field_type in _FLOATS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise MessageFieldError(f"{place}: {value!r} is no number")
        return float(value)
    if field_type == "boolean":
        if not isinstance(value, bool):
            raise MessageFieldError(f"{place}: {value!r} is neither true nor false")
        return value
    if field_type in ("octet", "byte"):
        return value if isinstance(value, bytes) else bytes([_whole("uint8", value, place)])
    text = _STRINGS.match(field_type)
    if text:
        if not isinstance(value, str):
            raise MessageFieldError(f"{place}: {value!r} is no text")
        if text["bound"] and len(value) > int(text["bound"]):
            raise MessageFieldError(f"{place}: at most {text['bound']} characters are allowed")
        return value
    return _whole(field_type, value, place)


def _whole(field_type: str, value: Any, place: str) -> int:
    """Check the range too: rclpy does so only when it was built for debugging."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise MessageFieldError(f"{place}: {value!r} is no whole number")
    kind = _INTEGERS.match(field_type)
    bits = int(kind["bits"]) if kind else 64
    low, high = (0, 2**bits) if kind and kind["unsigned"] else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= value < high:
        raise MessageFieldError(f"{place}: {value} does not fit into a {field_type}")
    return int(value)
