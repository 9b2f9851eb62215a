"""`ros2 lifecycle list`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments, add_hidden_nodes_argument
from ros2_embedded.cli.graph import absolute_node_name
from ros2_embedded.cli.lifecycle.client import available_transitions, wait_for_lifecycle_node
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", help="Name of the ROS node")
    add_hidden_nodes_argument(parser)
    parser.add_argument("-a", "--all", action="store_true", help="Display all existing transitions")


def run(args: argparse.Namespace) -> str | None:
    """Print the transitions a node can make."""
    name = absolute_node_name(args.node_name) or "/"
    with ros_node(args) as node:
        if not wait_for_lifecycle_node(node, name, include_hidden=args.include_hidden_nodes):
            return "Node not found"
        for entry in available_transitions(node, name, every=args.all):
            print(
                f"- {entry.transition.label} [{entry.transition.id}]\n"
                f"\tStart: {entry.start_state.label}\n"
                f"\tGoal: {entry.goal_state.label}"
            )
    return None
