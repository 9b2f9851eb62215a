"""Numbers in documents: true and false are none, although Python counts with them."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticKnownError


def no_boolean(value: Any) -> Any:
    """Return a value that is to be a number, if it is not true or false."""
    if isinstance(value, bool):
        raise PydanticKnownError("float_type")
    return value
