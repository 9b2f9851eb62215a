"""Values for the messages of test_msgs, as far from each other as their types allow."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

_FEW = 3  # items of a sequence without a bound
_NUMBERS = {
    "boolean": (False, True),
    "octet": (b"\x00", b"\xff"),
    "float": (-2.125, 1.125),  # exact in 32 bits
    "double": (-1.7976931348623157e308, 1.7976931348623157e308),
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "char": (0, 255),
}
_ARRAY = re.compile(r"(?P<item>.+)\[(?P<size>\d+)\]")
_SEQUENCE = re.compile(r"sequence<(?P<item>.+?)(?:, (?P<bound>\d+))?>")
_TEXT = re.compile(r"(?P<wide>w?)string(?:<(?P<bound>\d+)>)?")


def get_test_msg(message_name: str) -> list[Any]:
    """Return messages of a type of test_msgs: as made, with least and with greatest values.

    Raises AttributeError if there is no such type.
    """
    kind = getattr(import_module("test_msgs.msg"), message_name)
    return [kind(), _message(kind, greatest=False), _message(kind, greatest=True)]


def _message(kind: Any, *, greatest: bool) -> Any:
    message = kind()
    for name, type_name in kind.get_fields_and_field_types().items():
        setattr(message, name, _value(type_name, greatest))
    return message


def _value(type_name: str, greatest: bool) -> Any:
    """Return the least or the greatest value of a type; sequences are empty or full."""
    if type_name in _NUMBERS:
        return _NUMBERS[type_name][greatest]
    if array := _ARRAY.fullmatch(type_name):
        # Both ends in one array, the wanted one first.
        turns = [
            greatest if index % 2 == 0 else not greatest for index in range(int(array["size"]))
        ]
        return [_value(array["item"], turn) for turn in turns]
    if sequence := _SEQUENCE.fullmatch(type_name):
        count = int(sequence["bound"] or _FEW) if greatest else 0
        return [_value(sequence["item"], index % 2 == 0) for index in range(count)]
    if text := _TEXT.fullmatch(type_name):
        longest = "".join(chr(32 + index % 90) for index in range(int(text["bound"] or 300)))
        return ("ハロー" if text["wide"] and not text["bound"] else longest) if greatest else ""
    package, name = type_name.split("/")
    return _message(getattr(import_module(f"{package}.msg"), name), greatest=greatest)
