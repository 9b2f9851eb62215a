"""`ros2 action type`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import look_up, ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "action_name", help="Name of the ROS action to get info (e.g. '/fibonacci')"
    )


def run(args: argparse.Namespace) -> int:
    """Print the type of an action; fail if there is none of the name."""
    from rclpy.action import get_action_names_and_types

    with ros_node(args) as node:
        if not look_up(node, lambda: dict(get_action_names_and_types(node)), args.action_name):
            return 1
        types = dict(get_action_names_and_types(node))[args.action_name]
    for name in types:
        print(name)
    return 0
