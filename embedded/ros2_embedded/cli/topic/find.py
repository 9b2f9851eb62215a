"""`ros2 topic find`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import ros_node
from ros2_embedded.cli.topic.names import add_hidden_argument, topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "topic_type", help="Name of the ROS topic type to filter for (e.g. 'std_msg/msg/String')"
    )
    parser.add_argument(
        "-c",
        "--count-topics",
        action="store_true",
        help="Only display the number of topics discovered",
    )
    add_hidden_argument(parser)


def run(args: argparse.Namespace) -> None:
    """Print the topics of a type."""
    with ros_node(args) as node:
        found = [name for name, types in topics(node, args) if args.topic_type in types]
    if args.count_topics:
        print(len(found))
        return
    for name in found:
        print(name)
