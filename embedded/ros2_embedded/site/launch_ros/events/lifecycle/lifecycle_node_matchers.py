"""Picks lifecycle nodes."""

from collections.abc import Callable
from typing import Any

from launch_ros.events.matchers.matches_node_name import matches_node_name


def matches_node_namespace(namespace: str) -> Callable[[Any], bool]:
    """Match the actions of the nodes in a namespace."""
    return lambda action: bool(action.expanded_node_namespace == namespace)


__all__ = ["matches_node_name", "matches_node_namespace"]
