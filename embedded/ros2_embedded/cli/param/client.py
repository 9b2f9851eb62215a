"""Calls the parameter services of a node."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ros2_embedded.cli.arguments import (
    add_graph_arguments,
    add_hidden_nodes_argument,
    add_node_timeout_argument,
)
from ros2_embedded.cli.graph import absolute_node_name, wait_for_node
from ros2_embedded.cli.node_context import await_future, ros_node
from ros2_embedded.cli.strangers import wait_for_server

#: Seconds the services of a node that is there are waited for.
_SERVICES_TIMEOUT = 5.0

#: The constants of rcl_interfaces/msg/ParameterType.
TYPE_NAMES = {
    0: "not set",
    1: "boolean",
    2: "integer",
    3: "double",
    4: "string",
    5: "byte array",
    6: "boolean array",
    7: "integer array",
    8: "double array",
    9: "string array",
}


class NodeNotFoundError(Exception):
    """The node is not in the graph."""


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that pick a node."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", help="Name of the ROS node")
    add_hidden_nodes_argument(parser)
    add_node_timeout_argument(parser)


class ServicesUnavailableError(RuntimeError):
    """The node is there, but its parameter services are not."""


class ParameterClient:
    """The parameter services of one node."""

    def __init__(self, node: Any, node_name: str) -> None:
        self._node = node
        self.node_name = node_name

    def list_parameters(self, prefixes: Sequence[str] = ()) -> list[str]:
        """Return the names of all parameters, sorted."""
        response = self._call("ListParameters", prefixes=list(prefixes))
        return sorted(response.result.names)

    def get_parameters(self, names: Sequence[str]) -> list[Any]:
        """Return the values of parameters."""
        return list(self._call("GetParameters", names=list(names)).values)

    def describe_parameters(self, names: Sequence[str]) -> list[Any]:
        """Return the descriptors of parameters."""
        return list(self._call("DescribeParameters", names=list(names)).descriptors)

    def set_parameters(self, parameters: Sequence[Any]) -> list[Any]:
        """Set parameters, given as messages; return the result of each."""
        return list(self._call("SetParameters", parameters=list(parameters)).results)

    def _call(self, type_name: str, **fields: Any) -> Any:
        """Call one of the services.

        Raises ServicesUnavailableError if it is not there, RuntimeError if the call fails.
        """
        service = getattr(importlib.import_module("rcl_interfaces.srv"), type_name)
        verb = re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
        name = f"{self.node_name}/{verb}"
        client = self._node.create_client(service, name)
        if not wait_for_server(self._node, client.service_is_ready, name, _SERVICES_TIMEOUT):
            raise ServicesUnavailableError(
                "Wait for service timed out waiting for parameter services for node "
                f"{self.node_name}"
            )
        response = await_future(self._node, client.call_async(service.Request(**fields)))
        if response is None:
            raise RuntimeError(f"Exception while calling service of node {self.node_name}")
        return response


@contextlib.contextmanager
def target(args: argparse.Namespace) -> Iterator[ParameterClient]:
    """Give the services of the node picked by the arguments.

    Raises NodeNotFoundError.
    """
    name = absolute_node_name(args.node_name) or "/"
    with ros_node(args) as node:
        hidden = args.include_hidden_nodes
        if not wait_for_node(node, name, include_hidden=hidden, timeout=args.timeout):
            raise NodeNotFoundError(name)
        yield ParameterClient(node, name)


def report(result: Any, success: str, failure: str) -> None:
    """Print the outcome of a change, failures to the standard error."""
    reason = f": {result.reason}" if result.reason else ""
    if result.successful:
        print(success + reason)
    else:
        print(failure + reason, file=sys.stderr)
