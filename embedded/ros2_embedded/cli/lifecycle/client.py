"""Calls the lifecycle services of a node."""

from __future__ import annotations

from typing import Any

from ros2_embedded.cli.graph import node_names
from ros2_embedded.cli.node_context import await_future, look_up
from ros2_embedded.cli.strangers import wait_for_server

_GET_STATE = "lifecycle_msgs/srv/GetState"
#: Seconds the services of a node that is there are waited for.
_TIMEOUT = 5.0


def lifecycle_nodes(node: Any, *, include_hidden: bool) -> list[str]:
    """List the full names of the nodes that have a lifecycle."""
    found = set()
    for entry in node_names(node, include_hidden=include_hidden):
        services = node.get_service_names_and_types_by_node(entry.name, entry.namespace)
        if any(_GET_STATE in types for _, types in services):
            found.add(entry.full_name)
    return sorted(found)


def wait_for_lifecycle_node(node: Any, name: str, *, include_hidden: bool) -> bool:
    """Tell whether a node with a lifecycle is in the graph."""
    return look_up(node, lambda: lifecycle_nodes(node, include_hidden=include_hidden), name)


def call(node: Any, service: Any, name: str, request: Any) -> Any:
    """Call a service. Raises RuntimeError if it is not there or the call fails."""
    client = node.create_client(service, name)
    if not wait_for_server(node, client.service_is_ready, name, _TIMEOUT):
        raise RuntimeError(f"service '{name}' is not available")
    response = await_future(node, client.call_async(request))
    if response is None:
        raise RuntimeError(f"no answer from service '{name}'")
    return response


def available_transitions(node: Any, node_name: str, *, every: bool = False) -> list[Any]:
    """List the transitions a node can make now, or every one it has."""
    from lifecycle_msgs.srv import GetAvailableTransitions

    service = "get_transition_graph" if every else "get_available_transitions"
    request = GetAvailableTransitions.Request()
    response = call(node, GetAvailableTransitions, f"{node_name}/{service}", request)
    return list(response.available_transitions)
