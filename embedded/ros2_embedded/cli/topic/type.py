"""`ros2 topic type`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import look_up, ros_node
from ros2_embedded.cli.topic.names import topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to get type (e.g. '/chatter')")


def run(args: argparse.Namespace) -> int:
    """Print the type of a topic; fail if there is none of the name."""
    with ros_node(args) as node:
        if not look_up(node, lambda: dict(topics(node, args)), args.topic_name):
            return 1
        types = dict(topics(node, args))[args.topic_name]
    for name in types:
        print(name)
    return 0
