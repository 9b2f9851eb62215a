"""Messages to plain fields, ready for JSON."""

from __future__ import annotations

import math
from typing import Any

MAX_ITEMS = 4096  # of longer arrays of numbers (pictures, maps) only the length is shown


def fields_of_message(message: Any) -> dict[str, Any]:
    """Every field of a message as plain values; long arrays become {"items": n}."""
    return {
        name: plain_value(getattr(message, name)) for name in message.get_fields_and_field_types()
    }


def plain_value(value: Any) -> Any:
    """One value of a message as plain Python: no numpy, no bytes, nothing JSON cannot say."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "get_fields_and_field_types"):
        return fields_of_message(value)
    if isinstance(value, bytes):
        return value[0] if len(value) == 1 else _numbers(value)
    if hasattr(value, "tolist"):
        return _numbers(value)
    if hasattr(value, "__len__"):
        if len(value) > MAX_ITEMS:
            return {"items": len(value)}
        return [plain_value(item) for item in value]
    return str(value)


def _numbers(value: Any) -> Any:
    if len(value) > MAX_ITEMS:
        return {"items": len(value)}
    return [plain_value(item) for item in (value.tolist() if hasattr(value, "tolist") else value)]
