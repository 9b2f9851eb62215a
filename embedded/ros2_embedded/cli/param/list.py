"""`ros2 param list`."""

from __future__ import annotations

import argparse
import re
import sys

from ros2_embedded.cli.arguments import add_graph_arguments, add_hidden_nodes_argument
from ros2_embedded.cli.graph import absolute_node_name, node_names, wait_for_node
from ros2_embedded.cli.node_context import DISCOVERY_PATIENCE, ros_node
from ros2_embedded.cli.param.client import TYPE_NAMES, ParameterClient, ServicesUnavailableError
from ros2_embedded.cli.strangers import UnreachableServerError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", nargs="?", help="Name of the ROS node")
    parser.add_argument(
        "--filter",
        nargs=1,
        help="Only parameters matching the regex expression will be showed. "
        "Supports `re` regex syntax.",
    )
    add_hidden_nodes_argument(parser)
    parser.add_argument(
        "--param-prefixes",
        nargs="+",
        default=[],
        help="Only list parameters with the provided prefixes",
    )
    parser.add_argument(
        "--param-type", action="store_true", help="Print parameter types with parameter names"
    )


def run(args: argparse.Namespace) -> int | str | None:
    """Print the parameters of one node or of all."""
    wanted = absolute_node_name(args.node_name)
    with ros_node(args) as node:
        known = node_names(node, include_hidden=args.include_hidden_nodes)
        targets = sorted({entry.full_name for entry in known})
        if wanted is not None:
            hidden = args.include_hidden_nodes
            if not wait_for_node(node, wanted, include_hidden=hidden, timeout=DISCOVERY_PATIENCE):
                return "Node not found"
            targets = [wanted]
        failed = False
        for name in targets:
            try:
                _print_parameters(ParameterClient(node, name), args)
            except (ServicesUnavailableError, UnreachableServerError) as error:
                print(error, file=sys.stderr)
                failed = True
    return 1 if failed else None


def _print_parameters(client: ParameterClient, args: argparse.Namespace) -> None:
    """Print the parameters of a node, with a heading if all nodes are listed."""
    names = client.list_parameters(args.param_prefixes)
    if args.filter is not None:
        pattern = re.compile(args.filter[0])
        names = [name for name in names if pattern.match(name)]
    if not args.node_name and names:
        print(f"{client.node_name}:")
    types: dict[str, str] = {}
    if args.param_type:
        descriptors = client.describe_parameters(names)
        types = {entry.name: f" (type: {TYPE_NAMES[entry.type]})" for entry in descriptors}
    for name in names:
        print(f"  {name}{types.get(name, '')}")
