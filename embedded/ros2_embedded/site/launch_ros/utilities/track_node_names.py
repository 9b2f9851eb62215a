"""Counts the nodes of a launch."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

_KEY = "unique_ros_node_names"


def _counts(context: LaunchContext) -> Counter[str]:
    """Return the counter kept in the context."""
    known = context.get_locals_as_dict().get(_KEY)
    if known is None:
        known = Counter[str]()
        context.extend_globals({_KEY: known})
    return cast(Counter[str], known)


def add_node_name(context: LaunchContext, node_name: str) -> None:
    """Note that a node of this full name was launched."""
    _counts(context)[node_name] += 1


def get_node_name_count(context: LaunchContext, node_name: str) -> int:
    """Return how many nodes of this full name were launched."""
    return _counts(context)[node_name]
