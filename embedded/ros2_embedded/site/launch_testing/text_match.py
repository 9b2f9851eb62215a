"""Matches texts and lines with what is expected of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

_ANSI_ESCAPE = re.compile(r"\x1B(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])")

#: A text, a pattern, or several of them in order.
Expected = Any
#: Where the match begins and ends, counted in characters or in lines.
Span = tuple[int, int]


def remove_ansi_escape_sequences(text: str) -> str:
    """Drop colours and cursor movements."""
    return _ANSI_ESCAPE.sub("", text)


def normalize_lineseps(lines: str) -> str:
    """Let all lines end with a line feed; terminals put a carriage return before it."""
    return lines.replace("\r\n", "\n")


def build_text_match(
    expected_text: Expected, *, strict: bool = False
) -> Callable[..., Span | None]:
    """Return a function that finds what is expected in a text, from a `start` on.

    With `strict`, a text has to be all that follows, and patterns or several parts have to begin
    there, one right after the other. Raises ValueError for an expectation of another type.
    """
    if isinstance(expected_text, str):
        return _find_text(expected_text, strict=strict)
    if hasattr(expected_text, "search") and hasattr(expected_text, "match"):
        return _find_pattern(expected_text, strict=strict)
    if isinstance(expected_text, Iterable):
        parts = _in_order([build_text_match(part) for part in expected_text], strict=strict)
        return lambda text, start=0: parts(normalize_lineseps(text), start)
    raise ValueError(f"Unknown format for expected text: {expected_text!r}")


def _find_text(wanted: str, *, strict: bool) -> Callable[..., Span | None]:
    """Find a text."""

    def match(text: str, start: int = 0) -> Span | None:
        text = normalize_lineseps(text)
        at = text.find(wanted, start)
        if at < 0 or (strict and text[start:] != wanted):
            return None
        return (at, at + len(wanted))

    return match


def _find_pattern(pattern: re.Pattern[str], *, strict: bool) -> Callable[..., Span | None]:
    """Find a pattern."""

    def match(text: str, start: int = 0) -> Span | None:
        text = normalize_lineseps(text)
        found = pattern.match(text, start) if strict else pattern.search(text, start)
        return None if found is None else found.span()

    return match


def _in_order(parts: Sequence[Callable[..., Span | None]], *, strict: bool) -> Callable[..., Any]:
    """Find several parts one after the other."""

    def match(actual: str | Sequence[str], start: int = 0) -> Span | None:
        begin, at = start, start
        for number, part in enumerate(parts):
            span = part(actual, at)
            if span is None or (strict and span[0] != at):
                return None
            begin = span[0] if number == 0 else begin
            at = span[1]
        return (begin, at)

    return match
