"""Plain fields (mappings, lists, numbers, strings) to messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.ros.messages.installed import interface_class

_FLOATS = frozenset({"float", "double", "float32", "float64", "long double"})
_STRINGS = re.compile(r"^w?string(<\d+>)?$")
_SEQUENCE = re.compile(r"^sequence<(?P<item>.+?)(?:, *\d+)?>$")
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
    repeated = _SEQUENCE.match(field_type) or _ARRAY.match(field_type)
    if repeated:
        return _repeated(repeated["item"], value, place)
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


def _repeated(item_type: str, value: Any, place: str) -> Any:
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
        return value if isinstance(value, bytes) else bytes([int(value)])
    if _STRINGS.match(field_type):
        if not isinstance(value, str):
            raise MessageFieldError(f"{place}: {value!r} is no text")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise MessageFieldError(f"{place}: {value!r} is no whole number")
    return int(value)
