"""`ros2 action list`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "-t", "--show-types", action="store_true", help="Additionally show the action type"
    )
    parser.add_argument(
        "-c",
        "--count-actions",
        action="store_true",
        help="Only display the number of actions discovered",
    )


def run(args: argparse.Namespace) -> None:
    """Print the names of all actions."""
    from rclpy.action import get_action_names_and_types

    with ros_node(args) as node:
        names_and_types = get_action_names_and_types(node)
    if args.count_actions:
        print(len(names_and_types))
        return
    for name, types in names_and_types:
        print(f"{name} [{', '.join(types)}]" if args.show_types else name)
