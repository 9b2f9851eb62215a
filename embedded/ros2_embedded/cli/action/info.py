"""`ros2 action info`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import NamesAndTypes, node_names
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "action_name", help="Name of the ROS action to get info (e.g. '/fibonacci')"
    )
    parser.add_argument(
        "-t", "--show-types", action="store_true", help="Additionally show the action type"
    )
    parser.add_argument(
        "-c",
        "--count",
        action="store_true",
        help="Only display the number of action clients and action servers",
    )


def run(args: argparse.Namespace) -> None:
    """Print the clients and servers of an action."""
    from rclpy.action import (
        get_action_client_names_and_types_by_node,
        get_action_server_names_and_types_by_node,
    )
    from rclpy.exceptions import InvalidTopicNameException
    from rclpy.expand_topic_name import expand_topic_name
    from rclpy.validate_full_topic_name import validate_full_topic_name

    with ros_node(args) as node:
        try:
            name = expand_topic_name(args.action_name, node.get_name(), node.get_namespace())
            validate_full_topic_name(name)
        except (ValueError, InvalidTopicNameException) as error:
            raise RuntimeError(str(error)) from error
        clients = _nodes_with(node, name, get_action_client_names_and_types_by_node)
        servers = _nodes_with(node, name, get_action_server_names_and_types_by_node)
    print(f"Action: {args.action_name}")
    for title, entries in (("clients", clients), ("servers", servers)):
        print(f"Action {title}: {len(entries)}")
        if args.count:
            continue
        for node_name, types in entries:
            suffix = f" [{', '.join(types)}]" if args.show_types else ""
            print(f"    {node_name}{suffix}")


def _nodes_with(node: Any, action: str, getter: Callable[..., NamesAndTypes]) -> NamesAndTypes:
    """List the nodes that have an end of an action, with its types."""
    found = []
    for entry in node_names(node, include_hidden=True):
        for name, types in getter(node, entry.name, entry.namespace):
            if name == action:
                found.append((entry.full_name, types))
    return found
