"""`ros2 service list`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import visible
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "-t", "--show-types", action="store_true", help="Additionally show the service type"
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
    """Print the names of all services."""
    with ros_node(args) as node:
        names_and_types = visible(
            node.get_service_names_and_types(), include_hidden=args.include_hidden_services
        )
    if args.count_services:
        print(len(names_and_types))
        return
    for name, types in names_and_types:
        print(f"{name} [{', '.join(types)}]" if args.show_types else name)
