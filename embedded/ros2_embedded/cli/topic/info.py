"""`ros2 topic info`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import look_up, ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to get info (e.g. '/chatter')")
    parser.add_argument(
        "--verbose",
        "-v",
        action="store_true",
        help="Prints detailed information like the node name, node namespace, topic type, topic "
        "type hash, GUID, and QoS Profile of the publishers and subscribers to this topic",
    )


def run(args: argparse.Namespace) -> str | None:
    """Print the type of a topic and its endpoints."""
    end = "\n\n" if args.verbose else "\n"
    with ros_node(args) as node:
        name = args.topic_name
        if not look_up(node, lambda: dict(node.get_topic_names_and_types()), name):
            return f"Unknown topic '{name}'"
        types = dict(node.get_topic_names_and_types())[name]
        print(f"Type: {types[0] if len(types) == 1 else types}", end=end)
        print(f"Publisher count: {node.count_publishers(name)}", end=end)
        if args.verbose:
            for endpoint in node.get_publishers_info_by_topic(name):
                print(endpoint, end=end)
        print(f"Subscription count: {node.count_subscribers(name)}", end=end)
        if args.verbose:
            for endpoint in node.get_subscriptions_info_by_topic(name):
                print(endpoint, end=end)
    return None
