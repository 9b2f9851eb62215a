"""Compares whole outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from launch_testing.asserts.text_match import build_text_match


def basic_output_filter(
    *,
    filtered_prefixes: Sequence[str] = (),
    filtered_patterns: Sequence[str] = (),
    filtered_rmw_implementation: str | None = None,
) -> Callable[[str], str]:
    """Return a function that drops the lines with some beginnings or matching some patterns."""
    patterns = [re.compile(pattern) for pattern in filtered_patterns]
    if filtered_rmw_implementation:
        patterns.append(re.compile(re.escape(filtered_rmw_implementation)))

    def keep(line: str) -> bool:
        if any(line.startswith(prefix) for prefix in filtered_prefixes):
            return False
        return not any(pattern.match(line) for pattern in patterns)

    return lambda text: "".join(line for line in text.splitlines(keepends=True) if keep(line))


def expect_output(
    *,
    expected_text: Any = None,
    expected_lines: Sequence[Any] | None = None,
    text: str | None = None,
    lines: Sequence[str] | None = None,
    strict: bool = False,
) -> bool:
    """Tell whether a text, or lines, hold what is expected; with `strict`, nothing else."""
    actual = text if text is not None else "\n".join(lines or ())
    if expected_lines is None:
        span = build_text_match(expected_text)(actual)
        return span is not None and (not strict or span == (0, len(actual)))
    actual_lines = actual.splitlines()
    matches = [build_text_match(expected) for expected in expected_lines]
    if strict:
        return len(actual_lines) == len(matches) and all(
            match(line) is not None for match, line in zip(matches, actual_lines, strict=True)
        )
    remaining = iter(actual_lines)
    return all(any(match(line) is not None for line in remaining) for match in matches)
