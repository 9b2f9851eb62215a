"""Texts of others, as long as a journal and a page can do with."""

from __future__ import annotations

REASON = 1000  # characters of a reason that a client gives: every ~/state message has it


def shortened(text: str, most: int) -> str:
    """Return a text, or its first ``most`` characters and three dots."""
    return text if len(text) <= most else f"{text[:most]}..."
