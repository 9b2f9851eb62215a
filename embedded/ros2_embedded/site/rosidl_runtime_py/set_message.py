"""Fills messages from dictionaries."""

from __future__ import annotations

import array
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .field_types import parse_field_type
from .utilities import get_message

Setter = Callable[[Any], None]


def set_message_fields(
    msg: Any,
    values: Mapping[str, Any],
    expand_header_auto: bool = False,
    expand_time_now: bool = False,
) -> list[Setter]:
    """Set fields of a message, nested ones from nested dictionaries.

    Returns functions that each set a time stamp: of headers given as `auto`, if
    `expand_header_auto`, and of times given as `now`, if `expand_time_now`. Raises AttributeError
    for an unknown field, TypeError or ValueError for a value that does not fit.
    """
    filler = _Filler(auto=expand_header_auto, now=expand_time_now)
    filler.fill(msg, values)
    return filler.setters


class _Filler:
    """Fills a message and collects what has to be set later."""

    def __init__(self, *, auto: bool, now: bool) -> None:
        self._auto = auto
        self._now = now
        self.setters: list[Setter] = []

    def fill(self, msg: Any, values: Mapping[str, Any]) -> None:
        """Set the fields given."""
        if not isinstance(values, Mapping):
            raise TypeError(
                f"Value '{values}' is expected to be a dictionary but is a {type(values).__name__}"
            )
        for name, value in values.items():
            current = getattr(msg, name)
            if not self._is_stamp(msg, name, current, value):
                setattr(msg, name, self._convert(msg, name, current, value))

    def _is_stamp(self, msg: Any, name: str, current: Any, value: Any) -> bool:
        """Tell whether a value stands for the present time; note its setter."""
        if value not in ("auto", "now") or not hasattr(current, "get_fields_and_field_types"):
            return False
        kind = parse_field_type(msg.get_fields_and_field_types()[name]).message
        if kind == "std_msgs/msg/Header" and value == "auto" and self._auto:
            self.setters.append(partial(setattr, current, "stamp"))
            return True
        if kind == "builtin_interfaces/msg/Time" and value == "now" and self._now:
            self.setters.append(partial(setattr, msg, name))
            return True
        return False

    def _convert(self, msg: Any, name: str, current: Any, value: Any) -> Any:
        """Make a value of a field's type."""
        kind = parse_field_type(msg.get_fields_and_field_types()[name])
        if kind.is_nested and kind.message is not None:
            return [self._message(get_message(kind.message), item) for item in value]
        if isinstance(current, array.array):
            return array.array(current.typecode, value)
        if hasattr(current, "dtype"):
            return _numpy_array(value, current.dtype)
        if type(value) is type(current):
            return value
        if hasattr(current, "get_fields_and_field_types"):
            return self._message(type(current), value)
        return type(current)(value)

    def _message(self, message_type: Any, values: Any) -> Any:
        """Make a message."""
        message = message_type()
        self.fill(message, values)
        return message


def _numpy_array(value: Any, dtype: Any) -> Any:
    """Make a numpy array; imported here, since most messages have none."""
    import numpy as np

    return np.array(value, dtype=dtype)
