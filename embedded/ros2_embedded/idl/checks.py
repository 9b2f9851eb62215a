"""Checks of a field's value, made only when a message was built with ``check_fields``."""

from __future__ import annotations

from collections import UserList, UserString
from collections.abc import Callable, Sequence, Set
from typing import Any

from ros2_embedded.idl.definition import Field, FieldType

_RANGE = {
    "int8": (-(2**7), 2**7 - 1), "uint8": (0, 2**8 - 1), "char": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1), "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1), "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1),
}  # fmt: skip
_FLOAT32_MAX = 3.402823466e38
_DOUBLE_MAX = 1.7976931348623157e308


def check_value(field: Field, value: Any, class_of: Callable[[str], type]) -> None:
    """Refuse a value the field cannot hold.

    Raises:
        AssertionError: it is of the wrong type, too long or out of range.

    """
    kind = field.type
    if not kind.array:
        _check_single(field.name, kind, value, class_of)
        return
    code = getattr(value, "typecode", None)
    is_array = code is not None or hasattr(value, "dtype")
    if not is_array and (
        not isinstance(value, (Sequence, Set, UserList)) or isinstance(value, (str, UserString))
    ):
        raise AssertionError(
            f"The '{field.name}' field must be a set or sequence and each value of type "
            f"'{_python_type(kind)}'"
        )
    if kind.array == "static" and len(value) != kind.size:
        raise AssertionError(
            f"The '{field.name}' numpy.ndarray() must have a size of {kind.size}"
            if hasattr(value, "dtype")
            else f"The '{field.name}' field must have exactly {kind.size} elements"
        )
    if kind.array == "bounded" and len(value) > kind.size:
        raise AssertionError(f"The size of the '{field.name}' field must be <= {kind.size}")
    for item in value:
        _check_single(field.name, kind.element, item, class_of)


def _check_single(name: str, kind: FieldType, value: Any, class_of: Callable[[str], type]) -> None:
    if kind.is_message:
        if not isinstance(value, class_of(kind.base)):
            raise AssertionError(
                f"The '{name}' field must be a sub message of type '{kind.base.split('/')[-1]}'"
            )
    elif kind.is_text:
        if not isinstance(value, str):
            raise AssertionError(f"The '{name}' field must be of type 'str'")
        if kind.string_bound and len(value) > kind.string_bound:
            raise AssertionError(
                f"The '{name}' field must be string value not longer than {kind.string_bound}"
            )
    elif kind.base == "bool":
        if not isinstance(value, bool):
            raise AssertionError(f"The '{name}' field must be of type 'bool'")
    elif kind.base == "byte":
        if not isinstance(value, (bytes, bytearray, memoryview)) or len(value) != 1:
            raise AssertionError(f"The '{name}' field must be of type 'bytes' with length 1")
    elif kind.base.startswith("float"):
        _check_float(name, kind.base, value)
    else:
        _check_integer(name, kind.base, value)


def _check_float(name: str, base: str, value: Any) -> None:
    if not isinstance(value, float):
        raise AssertionError(f"The '{name}' field must be of type 'float'")
    limit = _FLOAT32_MAX if base == "float32" else _DOUBLE_MAX
    if abs(value) > limit and abs(value) != float("inf"):
        raise AssertionError(f"The '{name}' field must be a {base} in [-{limit}, {limit}]")


def _check_integer(name: str, base: str, value: Any) -> None:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise AssertionError(f"The '{name}' field must be of type 'int'")
    low, high = _RANGE[base]
    if not low <= value <= high:
        raise AssertionError(f"The '{name}' field must be an {base} in [{low}, {high}]")


def _python_type(kind: FieldType) -> str:
    if kind.is_message:
        return kind.base.split("/")[-1]
    if kind.is_text:
        return "str"
    if kind.base == "bool":
        return "bool"
    if kind.base == "byte":
        return "bytes"
    return "float" if kind.base.startswith("float") else "int"
