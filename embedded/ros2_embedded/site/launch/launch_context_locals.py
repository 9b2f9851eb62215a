"""Attribute access to the locals of a launch context."""

from collections.abc import Mapping
from typing import Any


class LaunchContextLocals:
    """A read-only view of the locals: `context.locals.event`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        """Return a local. Raises AttributeError naming those that exist."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            known = ", ".join(sorted(self._values)) or "none"
            raise AttributeError(
                f"context.locals has no attribute '{name}'; it has: {known}"
            ) from None
