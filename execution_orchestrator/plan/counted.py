"""A number and what it counts, for sentences: one action, two actions."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 action`` or ``2 actions``; ``plural`` where it is not the noun and an s."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
