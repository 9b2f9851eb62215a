"""`ros2 service find`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import visible
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "service_type",
        help="Name of the ROS service type to filter for "
        "(e.g. 'rcl_interfaces/srv/ListParameters')",
    )
    parser.add_argument(
        "-c",
        "--count-services",
        action="store_true",
        help="Only display the number of services discovered",
    )
    parser.add_argument(
        "--include-hidden-services",
        action="store_true",
        default=argparse.SUPPRESS,
        help="Consider hidden services as well",
    )


def run(args: argparse.Namespace) -> None:
    """Print the services of a type."""
    with ros_node(args) as node:
        services = visible(
            node.get_service_names_and_types(), include_hidden=args.include_hidden_services
        )
    found = [name for name, types in services if args.service_type in types]
    if args.count_services:
        print(len(found))
        return
    for name in found:
        print(name)
