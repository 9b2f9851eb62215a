"""`ros2 service`: services in the graph."""

from __future__ import annotations

import argparse
import time
from typing import Any

from ros2_embedded.cli.arguments import (
    add_count_argument,
    add_graph_arguments,
    add_hidden_argument,
    add_types_argument,
    add_values_arguments,
    read_values,
)
from ros2_embedded.cli.graph import NamesAndTypes, print_names, print_types, types_of, visible
from ros2_embedded.cli.interfaces import service_class
from ros2_embedded.cli.node_context import (
    NODE_NAME_PREFIX,
    await_future,
    bare_node,
    ros_node,
    spin_for,
)
from ros2_embedded.cli.strangers import wait_for_server


def services(node: Any, args: argparse.Namespace) -> NamesAndTypes:
    """List the services, hidden ones only if asked for."""
    return visible(node.get_service_names_and_types(), include_hidden=args.include_hidden_services)


def add_call_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "service_name", help="Name of the ROS service to call to (e.g. '/add_two_ints')"
    )
    parser.add_argument("service_type", help="Type of the ROS service (e.g. 'std_srvs/srv/Empty')")
    add_values_arguments(
        parser, "values", "Values to fill the service request with", "'{a: 1, b: 2}'"
    )
    parser.add_argument(
        "-r", "--rate", metavar="N", type=float, help="Repeat the call at a specific rate in Hz"
    )


def run_call(args: argparse.Namespace) -> str | None:
    """Call the service, once or at a rate."""
    from rosidl_runtime_py import set_message_fields

    if args.rate is not None and args.rate <= 0:
        raise RuntimeError("rate must be greater than zero")
    service = service_class(args.service_type)
    request = service.Request()
    try:
        set_message_fields(request, read_values(args, "values") or {})
    except Exception as error:
        return f"Failed to populate field: {error}"
    parts = args.service_type.split("/")
    name = f"{NODE_NAME_PREFIX}_requester_{parts[0]}_{parts[-1]}"
    with bare_node(args, name) as node:
        client = node.create_client(service, args.service_name)
        # Discovery takes its time even where the service is up.
        ready = client.service_is_ready
        if not wait_for_server(node, ready, args.service_name, timeout=0.5):
            print("waiting for service to become available...")
            wait_for_server(node, ready, args.service_name)
        while True:
            print(f"requester: making request: {request!r}\n")
            called = time.monotonic()
            response = await_future(node, client.call_async(request))
            if response is None:
                raise RuntimeError("Exception while calling service: shut down before the answer")
            print(f"response:\n{response!r}\n")
            if args.rate is None:
                return None
            rest = called + 1.0 / args.rate - time.monotonic()
            if rest > 0:
                spin_for(node, rest)


def add_info_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "service_name", help="Name of the ROS service to get info (e.g. '/add_two_ints')"
    )


def run_info(args: argparse.Namespace) -> str | None:
    """Print the type of a service and how many clients and servers it has."""
    with ros_node(args) as node:
        types = types_of(node, node.get_service_names_and_types, args.service_name)
        if types is None:
            return f"Unknown service '{args.service_name}'"
        print(f"Type: {types[0] if len(types) == 1 else types}")
        print(f"Clients count: {node.count_clients(args.service_name)}")
        print(f"Services count: {node.count_services(args.service_name)}")
    return None


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    add_types_argument(parser, "service")
    add_count_argument(parser, "service")
    add_hidden_argument(parser, "service", argparse.SUPPRESS)


def run_list(args: argparse.Namespace) -> None:
    """Print the names of all services."""
    with ros_node(args) as node:
        names_and_types = services(node, args)
    print_names(names_and_types, count=args.count, show_types=args.show_types)


def add_type_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "service_name", help="Name of the ROS service to get type (e.g. '/talker/list_parameters')"
    )


def run_type(args: argparse.Namespace) -> int:
    """Print the type of a service; fail if there is none of the name."""
    with ros_node(args) as node:
        return print_types(node, lambda: services(node, args), args.service_name)
