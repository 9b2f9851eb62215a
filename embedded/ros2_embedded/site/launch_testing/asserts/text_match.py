"""Compares expected with actual output."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

_ANSI_ESCAPE = re.compile(r"\x1B(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])")

#: A text, a pattern, a function that takes the output, or a list of texts and patterns in order.
ExpectedOutput = Any


def remove_ansi_escape_sequences(text: str) -> str:
    """Drop colours and cursor movements."""
    return _ANSI_ESCAPE.sub("", text)


def text_contains(text: str, expected: ExpectedOutput) -> bool:
    """Tell whether a text holds what is expected."""
    return build_text_match(expected)(text) is not None


def build_text_match(expected: ExpectedOutput) -> Callable[[str], tuple[int, int] | None]:
    """Return a function that finds what is expected in a text, as start and end.

    Raises ValueError for an expectation of another type.
    """
    if isinstance(expected, str):
        return lambda text: _span_of(text, expected)
    if isinstance(expected, re.Pattern):
        return lambda text: m.span() if (m := expected.search(text)) else None
    if callable(expected):
        return lambda text: (0, len(text)) if expected(text) else None
    if isinstance(expected, Sequence):
        return _match_in_order([build_text_match(part) for part in expected])
    raise ValueError(f"{expected!r} cannot be matched: use a text, a pattern, a function or a list")


def _span_of(text: str, part: str) -> tuple[int, int] | None:
    """Find a text in another."""
    start = text.find(part)
    return None if start < 0 else (start, start + len(part))


def _match_in_order(
    matches: list[Callable[[str], tuple[int, int] | None]],
) -> Callable[[str], tuple[int, int] | None]:
    """Find several parts one after the other."""

    def match(text: str) -> tuple[int, int] | None:
        begin, at = None, 0
        for part in matches:
            span = part(text[at:])
            if span is None:
                return None
            begin = at + span[0] if begin is None else begin
            at += span[1]
        return (begin or 0, at)

    return match
