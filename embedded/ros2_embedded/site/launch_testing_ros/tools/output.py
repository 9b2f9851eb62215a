"""Drops what a middleware writes from outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ament_index_python
from launch_testing.tools import output


def get_rmw_output_filter(rmw_implementation: str, filter_type: str) -> list[str]:
    """List the `prefixes` or `patterns` of lines a middleware has on the ament index.

    Raises TypeError for another type.
    """
    if filter_type not in ("prefixes", "patterns"):
        raise TypeError(
            f"Unsupported filter_type '{filter_type}': it has to be 'prefixes' or 'patterns'"
        )
    resource = f"rmw_output_{filter_type}"
    if not ament_index_python.has_resource(resource, rmw_implementation):
        return []
    content, _ = ament_index_python.get_resource(resource, rmw_implementation)
    return content.splitlines()


def basic_output_filter(
    filtered_prefixes: Sequence[str] | None = None,
    filtered_patterns: Sequence[str] | None = None,
    filtered_rmw_implementation: str | None = None,
) -> Callable[[str], str]:
    """Return a function that drops the lines with some beginnings or matching some patterns."""
    prefixes = list(
        output.get_default_filtered_prefixes() if filtered_prefixes is None else filtered_prefixes
    )
    patterns = list(
        output.get_default_filtered_patterns() if filtered_patterns is None else filtered_patterns
    )
    if filtered_rmw_implementation:
        prefixes += get_rmw_output_filter(filtered_rmw_implementation, "prefixes")
        patterns += get_rmw_output_filter(filtered_rmw_implementation, "patterns")
    return output.basic_output_filter(prefixes, patterns)
