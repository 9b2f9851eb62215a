"""Actions in the graph."""

from __future__ import annotations

from typing import Any

from rclpy.expand_topic_name import expand_topic_name
from rclpy.validate_full_topic_name import validate_full_topic_name

_NodeAndTypes = list[tuple[str, list[str]]]


def get_action_names_and_types(*, node: Any) -> _NodeAndTypes:
    """Return the actions with their types; ``node`` is a node of `ros2cli`."""
    return node.get_action_names_and_types()


def get_action_names(*, node: Any) -> list[str]:
    """Return the names of the actions."""
    return [name for name, _ in node.get_action_names_and_types()]


def get_action_clients_and_servers(
    *, node: Any, action_name: str
) -> tuple[_NodeAndTypes, _NodeAndTypes]:
    """Return the full names of the clients and servers of an action, with the types they use.

    Raises InvalidTopicNameException or ValueError for an invalid name.
    """
    wanted = expand_topic_name(action_name, node.get_name(), node.get_namespace())
    validate_full_topic_name(wanted)
    clients: _NodeAndTypes = []
    servers: _NodeAndTypes = []
    for name, namespace in node.get_node_names_and_namespaces():
        full_name = f"{namespace.rstrip('/')}/{name}"
        for found, look_up in (
            (clients, node.get_action_client_names_and_types_by_node),
            (servers, node.get_action_server_names_and_types_by_node),
        ):
            found += [
                (full_name, types) for one, types in look_up(name, namespace) if one == wanted
            ]
    return clients, servers
