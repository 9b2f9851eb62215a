"""Compares whole outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from launch_testing.text_match import (
    build_line_match,
    build_text_match,
    remove_ansi_escape_sequences,
)


def get_default_filtered_prefixes() -> list[str]:
    """List the beginnings of lines that are dropped if nothing else is said."""
    return ["pid", "rc"]


def get_default_filtered_patterns() -> list[str]:
    """List the patterns of lines that are dropped if nothing else is said."""
    return []


def basic_output_filter(
    filtered_prefixes: Sequence[str] | None = None,
    filtered_patterns: Sequence[str] | None = None,
) -> Callable[[str], str]:
    """Return a function that drops the lines with some beginnings or matching some patterns."""
    prefixes = tuple(
        get_default_filtered_prefixes() if filtered_prefixes is None else filtered_prefixes
    )
    patterns = [
        re.compile(pattern)
        for pattern in (
            get_default_filtered_patterns() if filtered_patterns is None else filtered_patterns
        )
    ]

    def keep(line: str) -> bool:
        return not (line.startswith(prefixes) or any(pattern.match(line) for pattern in patterns))

    return lambda output: "".join(line for line in output.splitlines(keepends=True) if keep(line))


def expected_output_from_file(path: str, encoding: str | None = None) -> list[Any]:
    """Return the lines of `path`.txt, or the patterns of `path`.regex, one per line.

    Raises RuntimeError if there is neither.
    """
    literal, patterns = Path(f"{path}.txt"), Path(f"{path}.regex")
    if literal.is_file():
        return literal.read_text(encoding=encoding).splitlines()
    if patterns.is_file():
        return [re.compile(line) for line in patterns.read_text(encoding=encoding).splitlines()]
    raise RuntimeError(f"could not find output check file: neither {literal} nor {patterns} exists")


def expect_output(
    text: str | None = None,
    *,
    lines: Sequence[str] | None = None,
    expected_text: Any = None,
    expected_lines: Any = None,
    strip_ansi_escape_sequences: bool = True,
    strict: bool = False,
) -> bool:
    """Tell whether a text, or lines, hold an expected text, or lines; with `strict`, little else.

    Raises ValueError unless one of the first two and one of the last two is given.
    """
    if (text is None) == (lines is None):
        raise ValueError("Either lines or text, but not both, must be specified")
    if (expected_text is None) == (expected_lines is None):
        raise ValueError("Either expected lines or text, but not both, must be specified")
    actual = "\n".join(lines or ()) if text is None else text
    if strip_ansi_escape_sequences:
        actual = remove_ansi_escape_sequences(actual)
    if expected_text is not None:
        return build_text_match(expected_text, strict=strict)(actual) is not None
    return build_line_match(expected_lines, strict=strict)(actual.splitlines()) is not None
