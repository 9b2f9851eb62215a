"""How much memory an execution takes, in actions: one with a large output counts as many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

LIGHT = 4096  # bytes of an output: every further one of this size counts as an action more
ITEM = 56  # bytes of a number, a list or a mapping, and of what holds it, about


class HasOutput(Protocol):
    """An action of the engine or of the read model."""

    output: Any


def weight_of(actions: Iterable[HasOutput]) -> int:
    """Return how many small actions take as much memory as these."""
    return sum(1 + bytes_of(one.output) // LIGHT if one.output else 1 for one in actions)


def bytes_of(value: Any) -> int:
    """Return the bytes of memory that a value of JSON takes, about."""
    taken, left = 0, [value]
    while left:
        one = left.pop()
        taken += ITEM
        if isinstance(one, str):
            taken += len(one)
        elif isinstance(one, Mapping):
            left += one.keys()
            left += one.values()
        elif isinstance(one, list | tuple):
            left += one
    return taken
