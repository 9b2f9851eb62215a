"""`ros2 lifecycle get`."""

import argparse
import sys

from ros2_embedded.cli.arguments import add_graph_arguments, add_hidden_nodes_argument
from ros2_embedded.cli.graph import absolute_node_name
from ros2_embedded.cli.lifecycle.client import call, lifecycle_nodes, wait_for_lifecycle_node
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "node_name",
        nargs="?",
        help="Name of the ROS node. If no name is provided, then get the state for all nodes.",
    )
    add_hidden_nodes_argument(parser)


def run(args: argparse.Namespace) -> int | str | None:
    """Print the state of one node or of all."""
    from lifecycle_msgs.srv import GetState

    wanted = absolute_node_name(args.node_name)
    with ros_node(args) as node:
        hidden = args.include_hidden_nodes
        if wanted is None:
            names = lifecycle_nodes(node, include_hidden=hidden)
        elif wait_for_lifecycle_node(node, wanted, include_hidden=hidden):
            names = [wanted]
        else:
            return "Node not found"
        for name in names:
            try:
                state = call(node, GetState, f"{name}/get_state", GetState.Request()).current_state
            except RuntimeError as error:
                print(f"Exception while calling service of node '{name}': {error}", file=sys.stderr)
                if wanted is not None:
                    return 1
                continue
            prefix = "" if wanted is not None else f"{name}: "
            print(f"{prefix}{state.label} [{state.id}]")
    return None
