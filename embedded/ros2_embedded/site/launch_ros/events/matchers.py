"""Matchers for nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def matches_node_name(node_name: str) -> Callable[[Any], bool]:
    """Match the action of the node with a full name."""
    full_name = node_name if node_name.startswith("/") else f"/{node_name}"
    return lambda action: bool(action.node_name == full_name)


__all__ = ["matches_node_name"]
