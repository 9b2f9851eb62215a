"""Conversion of texts that substitutions make into typed values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args, get_origin

from launch.launch_context import LaunchContext
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

ScalarTypesTuple = (int, float, bool, str)
#: What a typed argument is kept as until it is performed: a value, substitutions whose joined text
#: is the value, or a list of either.
NormalizedValueType = Any
_BOOLEANS = {"1": True, "0": False}


def extract_type(data_type: Any) -> tuple[type, bool]:
    """Split `list[int]` into (int, True) and `int` into (int, False).

    Raises ValueError for types that are neither scalars nor lists of scalars.
    """
    arguments = get_args(data_type)
    is_list = get_origin(data_type) is list and len(arguments) == 1
    scalar = arguments[0] if is_list else data_type
    if scalar not in ScalarTypesTuple:
        raise ValueError(
            f"{data_type} is not supported: use int, float, bool, str or a list of one of them"
        )
    return scalar, is_list


def is_instance_of(value: Any, data_type: Any = None) -> bool:
    """Tell whether a value is of a type (None: of any supported one)."""
    if data_type is None:
        if isinstance(value, list):
            kinds = {type(item) for item in value}
            return len(kinds) <= 1 and kinds <= set(ScalarTypesTuple)
        return isinstance(value, ScalarTypesTuple)
    scalar, is_list = extract_type(data_type)
    if is_list:
        return isinstance(value, list) and all(isinstance(item, scalar) for item in value)
    return isinstance(value, scalar)


def coerce_to_type(value: str, data_type: Any = None) -> Any:
    """Convert a text, as one in a parameter file where no type is given.

    Raises TypeError if the value is not a text, ValueError if it cannot be converted.
    """
    if not isinstance(value, str):
        raise TypeError(f"expected a text to convert, got {value!r}")
    if data_type is str:
        return value
    if data_type in (int, float):
        return data_type(value)
    if data_type is bool and value in _BOOLEANS:
        return _BOOLEANS[value]
    if not value and data_type is None:
        return value
    # Imported here: most launch files hold no text to be read as a value.
    from ros2_embedded.parameter_text import read_value

    output = read_value(value, uniform=False)
    if not is_instance_of(output, data_type):
        wanted = "a supported value" if data_type is None else f"a value of type {data_type}"
        raise ValueError(f"Cannot convert '{value}' to {wanted}: it is {output!r}")
    return output


def is_substitution(value: Any) -> bool:
    """Tell whether a value is a substitution or a list of texts with at least one."""
    if isinstance(value, Substitution):
        return True
    if isinstance(value, str) or not isinstance(value, Iterable):
        return False
    items = list(value)
    return all(isinstance(item, (str, Substitution)) for item in items) and any(
        isinstance(item, Substitution) for item in items
    )


def normalize_typed_substitution(value: Any, data_type: Any = None) -> NormalizedValueType:
    """Bring a typed argument into the shape perform_typed_substitution() takes.

    Raises TypeError if the value can never become one of the type.
    """
    if isinstance(value, ScalarTypesTuple):
        if data_type is float and type(value) is int:
            return float(value)
        if not is_instance_of(value, data_type):
            raise TypeError(f"{value!r} is not of type {data_type}")
        return value
    if is_substitution(value):
        return normalize_to_list_of_substitutions(value)
    if not isinstance(value, Iterable):
        raise TypeError(f"{value!r} is neither a value, a substitution nor a list of them")
    items = list(value)
    if data_type is not None:
        data_type, is_list = extract_type(data_type)
        if not is_list:
            raise TypeError(f"{value!r} is a list, but a single {data_type} is needed")
    return [normalize_typed_substitution(item, data_type) for item in items]


def is_normalized_substitution(value: Any) -> bool:
    """Tell whether a normalized value is a list of substitutions."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, Substitution) for item in value)


def perform_typed_substitution(
    context: LaunchContext, value: NormalizedValueType, data_type: Any = None
) -> Any:
    """Compute a normalized value.

    Raises ValueError if the text that comes out, or the type, cannot be one of an argument;
    TypeError if a plain value is not of the type.
    """
    if is_normalized_substitution(value):
        return coerce_to_type(perform_substitutions(context, value), data_type)
    if isinstance(value, Sequence) and not isinstance(value, str):
        item_type = extract_type(data_type)[0] if data_type is not None else None
        output = [perform_typed_substitution(context, item, item_type) for item in value]
        if data_type is None and not is_instance_of(output):
            raise ValueError(f"the items of {output!r} are of several types: make them uniform")
        return output
    if not is_instance_of(value, data_type):
        raise TypeError(f"{value!r} is not of type {data_type or 'int, float, bool or str'}")
    return value
