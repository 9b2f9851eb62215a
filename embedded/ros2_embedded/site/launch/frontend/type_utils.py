"""Types of attributes."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "list_of_int": list[int],
    "list_of_float": list[float],
    "list_of_bool": list[bool],
    "list_of_str": list[str],
}


def get_data_type_from_identifier(type_identifier: str) -> Any:
    """Return the type a launch file names, such as `list_of_int`.

    Raises RuntimeError for any other name.
    """
    try:
        return _TYPES[type_identifier]
    except KeyError:
        raise RuntimeError(
            f"'{type_identifier}' is not a type: use one of {', '.join(_TYPES)}"
        ) from None
