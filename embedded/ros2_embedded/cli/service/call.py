"""`ros2 service call`."""

from __future__ import annotations

import argparse
import time

import yaml
from rosidl_runtime_py import set_message_fields

from ros2_embedded.cli.arguments import add_values_arguments, read_values
from ros2_embedded.cli.interfaces import service_class
from ros2_embedded.cli.node_context import NODE_NAME_PREFIX, await_future, bare_node, spin_for
from ros2_embedded.cli.strangers import wait_for_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
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


def run(args: argparse.Namespace) -> str | None:
    """Call the service, once or at a rate."""
    if args.rate is not None and args.rate <= 0:
        raise RuntimeError("rate must be greater than zero")
    service = service_class(args.service_type)
    request = service.Request()
    try:
        set_message_fields(request, yaml.safe_load(read_values(args, "values")) or {})
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
