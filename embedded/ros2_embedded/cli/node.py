"""`ros2 node`: nodes in the graph."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ros2_embedded.cli.arguments import add_flags, add_graph_arguments, add_node_list_arguments
from ros2_embedded.cli.graph import NamesAndTypes, node_names, parse_node_name, visible
from ros2_embedded.cli.node_context import look_up, ros_node

INFO_NONUNIQUE_WARNING_TEMPLATE = (
    'There are {num_nodes} nodes in the graph with the exact name "{node_name}". '
    "You are seeing information about only one of them."
)


def add_info_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", help="Node name to request information")
    add_flags(parser, {"--include-hidden": "Display hidden topics, services, and actions as well"})


def run_info(args: argparse.Namespace) -> str | None:
    """Print the endpoints of a node."""
    with ros_node(args) as node:

        def names() -> list[str]:
            known = node_names(node, include_hidden=args.include_hidden)
            return [entry.full_name for entry in known]

        if not look_up(node, names, args.node_name):
            return f"Unable to find node '{args.node_name}'"
        count = names().count(args.node_name)
        sections = _sections(node, args.node_name)
    if count > 1:
        print(
            INFO_NONUNIQUE_WARNING_TEMPLATE.format(num_nodes=count, node_name=args.node_name),
            file=sys.stderr,
        )
    print(args.node_name)
    for title, names_and_types in sections.items():
        print(f"  {title}:")
        shown = visible(names_and_types, include_hidden=args.include_hidden)
        print("\n".join(f"    {name}: {', '.join(types)}" for name, types in shown))
    return None


def _sections(node: Any, node_name: str) -> dict[str, NamesAndTypes]:
    """Ask the graph for the endpoints of a node, by kind."""
    from rclpy.action import (
        get_action_client_names_and_types_by_node,
        get_action_server_names_and_types_by_node,
    )

    remote = parse_node_name(node_name)
    name, namespace = remote.name, remote.namespace
    return {
        "Subscribers": node.get_subscriber_names_and_types_by_node(name, namespace),
        "Publishers": node.get_publisher_names_and_types_by_node(name, namespace),
        "Service Servers": node.get_service_names_and_types_by_node(name, namespace),
        "Service Clients": node.get_client_names_and_types_by_node(name, namespace),
        "Action Servers": get_action_server_names_and_types_by_node(node, name, namespace),
        "Action Clients": get_action_client_names_and_types_by_node(node, name, namespace),
    }


add_list_arguments = add_node_list_arguments


def run_list(args: argparse.Namespace) -> None:
    """Print the names of all nodes."""
    with ros_node(args) as node:
        names = sorted(entry.full_name for entry in node_names(node, include_hidden=args.all))
    if args.count:
        print(len(names))
        return
    if len(set(names)) < len(names):
        print(
            "WARNING: Be aware that there are nodes in the graph that share an exact name, "
            "which can have unintended side effects.",
            file=sys.stderr,
        )
    for name in names:
        print(name)
