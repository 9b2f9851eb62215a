"""Finds component containers and calls their services."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import re
from collections.abc import Iterator
from typing import Any

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.graph import node_names
from ros2_embedded.cli.node_context import await_future, look_up, ros_node

#: Seconds the service of a container that is there is waited for.
_SERVICE_TIMEOUT = 5.0
_TYPES = ("LoadNode", "UnloadNode", "ListNodes")


class Container:
    """The services of one container."""

    def __init__(self, node: Any, name: str) -> None:
        self._node = node
        self.name = name

    def call(self, type_name: str, **fields: Any) -> Any:
        """Call one of the services. Raises RuntimeError if it is not there."""
        service = getattr(importlib.import_module("composition_interfaces.srv"), type_name)
        verb = re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
        client = self._node.create_client(service, f"{self.name}/_container/{verb}")
        if not client.wait_for_service(timeout_sec=_SERVICE_TIMEOUT):
            raise RuntimeError(f"No '{verb}' service found for '{self.name}' container")
        response = await_future(self._node, client.call_async(service.Request(**fields)))
        if response is None:
            raise RuntimeError(f"No '{verb}' service response of '{self.name}' container")
        return response


def container_names(node: Any) -> list[str]:
    """List the full names of the nodes that have a container's services."""
    return [
        entry.full_name
        for entry in node_names(node, include_hidden=False)
        if _is_container(node, entry.name, entry.namespace)
    ]


def _is_container(node: Any, name: str, namespace: str) -> bool:
    """Tell whether a node has the services of a container."""
    from rclpy.node import NodeNameNonExistentError

    try:
        services = node.get_service_names_and_types_by_node(name, namespace)
    except NodeNameNonExistentError:
        # It has gone since its name was listed.
        return False
    offered = {kind for service, kinds in services if "/_container/" in service for kind in kinds}
    return {f"composition_interfaces/srv/{kind}" for kind in _TYPES} <= offered


def add_container_arguments(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Add the argument that picks a container."""
    add_graph_arguments(parser)
    parser.add_argument("container_node_name", help=f"Container node name to {purpose}")


@contextlib.contextmanager
def target(args: argparse.Namespace) -> Iterator[Container]:
    """Give the container picked by the arguments. Raises RuntimeError if there is none."""
    name = args.container_node_name
    with ros_node(args) as node:
        if not look_up(node, lambda: container_names(node), name):
            raise RuntimeError(f"Unable to find container node '{name}'")
        yield Container(node, name)
