"""Dotted paths into nested mappings and lists: ``objects[0].pose``, ``header.frame_id``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MISSING = object()
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def look_up(value: Any, path: str) -> Any:
    """Value at a path, or ``MISSING``; the empty path is the value itself."""
    if not path:
        return value
    for name, index in _PART.findall(path):
        if name:
            if not isinstance(value, Mapping) or name not in value:
                return MISSING
            value = value[name]
        else:
            if not isinstance(value, Sequence) or int(index) >= len(value):
                return MISSING
            value = value[int(index)]
    return value


def put(value: Mapping[str, Any], path: str, part: Any) -> dict[str, Any]:
    """Return a copy of a mapping with another part at a path of names that is there."""
    name, _, rest = path.partition(".")
    return {**value, name: put(value[name], rest, part) if rest else part}
