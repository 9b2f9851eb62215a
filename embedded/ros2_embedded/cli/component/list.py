"""`ros2 component list`."""

from __future__ import annotations

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.component.containers import Container, container_names, target
from ros2_embedded.cli.node_context import ros_node


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "container_node_name",
        nargs="?",
        help="Name of the container node to list components from",
    )
    parser.add_argument(
        "--containers-only", action="store_true", help="List found containers nodes only"
    )


def run(args: argparse.Namespace) -> None:
    """Print the components of one container, or all containers with theirs."""
    if args.container_node_name is not None:
        with target(args) as container:
            if not args.containers_only:
                _print_components(container, indent="")
        return
    with ros_node(args) as node:
        for name in container_names(node):
            print(name)
            if args.containers_only:
                continue
            try:
                _print_components(Container(node, name), indent="  ")
            except RuntimeError as error:
                # The others can still be listed.
                print(f"{error} when listing components")


def _print_components(container: Container, indent: str) -> None:
    """Print the numbers and names of components."""
    answer = container.call("ListNodes")
    for number, name in zip(answer.unique_ids, answer.full_node_names, strict=False):
        print(f"{indent}{number}  {name}")
