"""Names of nodes in the graph."""

from __future__ import annotations

from typing import Any

from ros2_embedded.cli import graph
from ros2_embedded.cli.graph import NodeName, parse_node_name
from ros2_embedded.cli.node.info import INFO_NONUNIQUE_WARNING_TEMPLATE

__all__ = [
    "INFO_NONUNIQUE_WARNING_TEMPLATE",
    "NodeName",
    "get_absolute_node_name",
    "get_node_names",
    "has_duplicates",
    "parse_node_name",
    "wait_for_node",
]

get_absolute_node_name = graph.absolute_node_name


def has_duplicates(values: list[Any]) -> bool:
    """Tell whether a value is there twice."""
    return len(set(values)) < len(values)


def get_node_names(*, node: Any, include_hidden_nodes: bool = False) -> list[NodeName]:
    """Return the nodes."""
    return graph.node_names(node, include_hidden=include_hidden_nodes)


def wait_for_node(
    node: Any, node_name: str, include_hidden_nodes: bool = False, timeout: float = 1.0
) -> bool:
    """Wait for a node for some seconds; tell whether it is there."""
    return graph.wait_for_node(
        node, node_name, include_hidden=include_hidden_nodes, timeout=timeout
    )
