"""`ros2 lifecycle nodes`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.lifecycle.client import lifecycle_nodes
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "-a", "--all", action="store_true", help="Display all nodes even hidden ones"
    )
    parser.add_argument(
        "-c",
        "--count-nodes",
        action="store_true",
        help="Only display the number of nodes discovered",
    )


def run(args: argparse.Namespace) -> None:
    """Print the nodes that have a lifecycle."""
    with ros_node(args) as node:
        names = lifecycle_nodes(node, include_hidden=args.all)
    if args.count_nodes:
        print(len(names))
        return
    for name in names:
        print(name)
