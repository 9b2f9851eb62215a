"""Tests of what a process prints, and filters for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ament_index_python import get_resource, has_resource

#: (what is collected at first, adds a text to it, tells whether a pattern is in it, patterns)
OutputTest = tuple[Any, Callable[[Any, bytes], Any], Callable[[Any, Any], bool], Iterable[Any]]


def get_default_filtered_prefixes() -> list[bytes]:
    """Return how lines begin that never count: process ids and exit statuses."""
    return [b"pid", b"rc"]


def get_default_filtered_patterns() -> list[bytes]:
    """Return the expressions of lines that never count."""
    return []


def get_rmw_output_filter(rmw_implementation: str, filter_type: str) -> list[bytes]:
    """Return the 'prefixes' or 'patterns' a middleware registers for its own lines.

    Raises TypeError for another filter type.
    """
    if filter_type not in ("prefixes", "patterns"):
        raise TypeError(
            f'Unsupported filter_type "{filter_type}". Supported types: prefixes, patterns'
        )
    resource = f"rmw_output_{filter_type}"
    if not has_resource(resource, rmw_implementation):
        return []
    content, _ = get_resource(resource, rmw_implementation)
    return [line.encode() for line in content.splitlines()]


def create_output_lines_filter(
    filtered_prefixes: list[bytes] | None = None,
    filtered_patterns: list[bytes] | None = None,
    filtered_rmw_implementation: str | None = None,
) -> Callable[[bytes], bytes]:
    """Return a function that takes away the lines that do not count."""
    prefixes = list(filtered_prefixes or get_default_filtered_prefixes())
    expressions = list(filtered_patterns or get_default_filtered_patterns())
    if filtered_rmw_implementation:
        prefixes += get_rmw_output_filter(filtered_rmw_implementation, "prefixes")
        expressions += get_rmw_output_filter(filtered_rmw_implementation, "patterns")
    patterns = [re.compile(expression) for expression in expressions]

    def counting(output: bytes) -> bytes:
        lines = [
            line
            for line in output.splitlines()
            if not line.startswith(tuple(prefixes))
            and not any(pattern.match(line) for pattern in patterns)
        ]
        return b"\n".join(lines) + (b"\n" if output.endswith(b"\n") and lines else b"")

    return counting


def create_output_lines_test(expected_lines: Iterable[bytes]) -> OutputTest:
    """Test that each of these texts stands in some line."""
    return (
        b"",
        lambda collected, text: collected + text,
        lambda collected, text: any(text in line for line in collected.splitlines()),
        expected_lines,
    )


def create_output_regex_test(expected_patterns: Iterable[re.Pattern[bytes]]) -> OutputTest:
    """Test that each of these expressions is found; they may reach over lines."""
    return (
        b"",
        lambda collected, text: collected + text,
        lambda collected, pattern: pattern.search(collected) is not None,
        expected_patterns,
    )


def create_output_test_from_file(output_file: str) -> OutputTest:
    """Test for the lines of <output_file>.txt or the expressions of <output_file>.regex.

    Raises RuntimeError if there is neither.
    """
    lines, expressions = Path(f"{output_file}.txt"), Path(f"{output_file}.regex")
    if lines.is_file():
        return create_output_lines_test(lines.read_bytes().splitlines())
    if expressions.is_file():
        found = expressions.read_bytes().splitlines()
        return create_output_regex_test([re.compile(one) for one in found])
    raise RuntimeError(f"could not find output check file: {output_file}")
