"""`ros2 node list`."""

import argparse
import sys

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import node_names
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
    """Print the names of all nodes."""
    with ros_node(args) as node:
        names = sorted(entry.full_name for entry in node_names(node, include_hidden=args.all))
    if args.count_nodes:
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
