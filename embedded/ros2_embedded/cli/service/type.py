"""`ros2 service type`."""

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import visible
from ros2_embedded.cli.node_context import look_up, ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "service_name", help="Name of the ROS service to get type (e.g. '/talker/list_parameters')"
    )


def run(args: argparse.Namespace) -> int:
    """Print the type of a service; fail if there is none of the name."""
    with ros_node(args) as node:

        def services() -> dict[str, list[str]]:
            known = node.get_service_names_and_types()
            return dict(visible(known, include_hidden=args.include_hidden_services))

        if not look_up(node, services, args.service_name):
            return 1
        types = services()[args.service_name]
    for name in types:
        print(name)
    return 0
