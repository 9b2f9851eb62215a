"""`ros2 service info`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import look_up, ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "service_name", help="Name of the ROS service to get info (e.g. '/add_two_ints')"
    )


def run(args: argparse.Namespace) -> str | None:
    """Print the type of a service and how many clients and servers it has."""
    with ros_node(args) as node:
        if not look_up(node, lambda: dict(node.get_service_names_and_types()), args.service_name):
            return f"Unknown service '{args.service_name}'"
        types = dict(node.get_service_names_and_types())[args.service_name]
        print(f"Type: {types[0] if len(types) == 1 else types}")
        print(f"Clients count: {node.count_clients(args.service_name)}")
        print(f"Services count: {node.count_services(args.service_name)}")
    return None
