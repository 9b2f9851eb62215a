"""Reads launch arguments from a command line."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable


def parse_launch_arguments(launch_arguments: Iterable[str]) -> ItemsView[str, str]:
    """Split `name:=value` texts; the last of each name wins.

    Raises RuntimeError for anything else.
    """
    parsed: dict[str, str] = {}
    for argument in launch_arguments:
        name, separator, value = argument.partition(":=")
        if not separator or not name or not value:
            raise RuntimeError(
                f"malformed launch argument '{argument}', expected format '<name>:=<value>'"
            )
        parsed[name] = value
    return parsed.items()
