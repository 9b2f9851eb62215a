"""Turns messages into dictionaries, YAML and comma-separated values."""

from __future__ import annotations

import array
import sys
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import yaml

from .field_types import parse_field_type


class _Dumper(yaml.Dumper):
    """Writes ordered dictionaries as plain mappings."""


_Dumper.add_representer(
    OrderedDict,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", list(data.items())),
)


def message_to_yaml(
    msg: Any,
    *,
    truncate_length: int | None = None,
    no_arr: bool = False,
    no_str: bool = False,
    flow_style: bool = False,
) -> str:
    """Write a message as YAML.

    Values longer than `truncate_length` end in `...`; with `no_arr` and `no_str`, arrays and texts
    are only described.
    """
    fields = message_to_ordereddict(
        msg, truncate_length=truncate_length, no_arr=no_arr, no_str=no_str
    )
    text: str = yaml.dump(
        fields,
        Dumper=_Dumper,
        allow_unicode=True,
        width=sys.maxsize,
        default_flow_style=flow_style,
        sort_keys=False,
    )
    return text


def message_to_ordereddict(
    msg: Any, *, truncate_length: int | None = None, no_arr: bool = False, no_str: bool = False
) -> OrderedDict[str, Any]:
    """Return the fields of a message, nested messages as dictionaries as well."""
    convert = _Converter(truncate_length, no_arr=no_arr, no_str=no_str)
    return convert.message(msg)


class _Converter:
    """Makes plain values of the values of fields."""

    def __init__(self, truncate_length: int | None, *, no_arr: bool, no_str: bool) -> None:
        self._length = truncate_length
        self._no_arr = no_arr
        self._no_str = no_str

    def message(self, msg: Any) -> OrderedDict[str, Any]:
        """Convert a message."""
        types = msg.get_fields_and_field_types()
        return OrderedDict(
            (name, self.value(getattr(msg, name), field_type)) for name, field_type in types.items()
        )

    def value(self, value: Any, field_type: str | None = None) -> Any:
        """Convert a value; without a field type it is an item of an array."""
        if isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (str, bytes)):
            return self._text(value)
        if _is_array(value):
            if self._no_arr and field_type is not None:
                return describe_array(value, field_type)
            return self._array(value)
        if hasattr(value, "item"):
            return value.item()
        return self.message(value)

    def _text(self, value: str | bytes) -> str:
        """Convert a text; bytes become the characters of the same numbers."""
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        elif self._no_str:
            return f"<string length: <{len(value)}>>"
        if self._length is not None and len(value) > self._length:
            return value[: self._length] + "..."
        return value

    def _array(self, value: Sequence[Any]) -> list[Any] | tuple[Any, ...]:
        """Convert an array, and its items."""
        cut = self._length is not None and len(value) > self._length
        items = [self.value(item) for item in (value[: self._length] if cut else value)]
        if cut:
            items.append("...")
        return tuple(items) if isinstance(value, tuple) else items


def _is_array(value: Any) -> bool:
    """Tell whether a value is an array; numpy is not imported just to ask."""
    return isinstance(value, (list, tuple, array.array)) or (
        hasattr(value, "dtype") and bool(getattr(value, "ndim", 0))
    )


def describe_array(value: Sequence[Any], field_type: str) -> str:
    """Describe an array instead of showing it."""
    kind = parse_field_type(field_type)
    if kind.size is not None:
        return f"<array type: {kind.item_name}[{kind.size}]>"
    bound = f"[{kind.bound}]" if kind.bound is not None else ""
    return f"<sequence type: {kind.item_name}{bound}, length: {len(value)}>"


def message_to_csv(
    msg: Any, *, truncate_length: int | None = None, no_arr: bool = False, no_str: bool = False
) -> str:
    """Write all values of a message, nested ones in place, separated by commas."""

    def write(value: Any, field_type: str | None = None) -> str:
        if _is_array(value):
            if no_arr and field_type is not None:
                return describe_array(value, field_type)
            cut = truncate_length is not None and len(value) > truncate_length
            items = [write(item) for item in (value[:truncate_length] if cut else value)]
            return ",".join([*items, "..."] if cut else items)
        if isinstance(value, (str, bytes)):
            if no_str and isinstance(value, str):
                return f"<string length: <{len(value)}>>"
            if truncate_length is not None and len(value) > truncate_length:
                dots: Any = "..." if isinstance(value, str) else b"..."
                return str(value[:truncate_length] + dots)
            return str(value)
        if isinstance(value, (bool, int, float)) or hasattr(value, "item"):
            return str(value)
        types = value.get_fields_and_field_types()
        return ",".join(write(getattr(value, name), kind) for name, kind in types.items())

    return write(msg)
