"""Type check of arguments given by launch files."""

from collections.abc import Iterable
from typing import Any


def ensure_argument_type(
    argument: object,
    types: type | Iterable[type],
    argument_name: str,
    caller: str | None = None,
) -> None:
    """Raise TypeError, naming the argument, unless it is of one of the types or is one of them."""
    allowed: tuple[Any, ...] = (types,) if isinstance(types, type) else tuple(types)
    if isinstance(argument, allowed):
        return
    if isinstance(argument, type) and issubclass(argument, allowed):
        return
    expected = ", ".join(f"'{getattr(kind, '__name__', kind)}'" for kind in allowed)
    place = f"'{argument_name}'" + (f" of '{caller}'" if caller else "")
    raise TypeError(f"{place} must be one of {expected}, but it is a '{type(argument).__name__}'")
