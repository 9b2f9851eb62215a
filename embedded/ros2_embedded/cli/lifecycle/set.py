"""`ros2 lifecycle set`."""

import argparse
import sys

from ros2_embedded.cli.arguments import add_graph_arguments, add_hidden_nodes_argument
from ros2_embedded.cli.graph import absolute_node_name
from ros2_embedded.cli.lifecycle.client import available_transitions, call, wait_for_lifecycle_node
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", help="Name of the ROS node")
    add_hidden_nodes_argument(parser)
    parser.add_argument("transition", help="The lifecycle transition")


def run(args: argparse.Namespace) -> str | None:
    """Let a node make a transition, given by label or id."""
    from lifecycle_msgs.srv import ChangeState

    name = absolute_node_name(args.node_name) or "/"
    with ros_node(args) as node:
        if not wait_for_lifecycle_node(node, name, include_hidden=args.include_hidden_nodes):
            return "Node not found"
        known = [entry.transition for entry in available_transitions(node, name)]
        by_label = [entry for entry in known if entry.label == args.transition]
        by_id = [entry for entry in known if str(entry.id) == args.transition]
        if not by_label and not by_id:
            choices = "".join(f"\n- {entry.label} [{entry.id}]" for entry in known)
            return f"Unknown transition requested, available ones are:{choices}"
        request = ChangeState.Request(transition=(by_label or by_id)[0])
        if call(node, ChangeState, f"{name}/change_state", request).success:
            print("Transitioning successful")
        else:
            print("Transitioning failed", file=sys.stderr)
    return None
