"""Names in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ros2_embedded.cli.node_context import DISCOVERY_PATIENCE, wait_until

_HIDDEN_NODE_PREFIX = "_"

NamesAndTypes = list[tuple[str, list[str]]]


class NodeName(NamedTuple):
    """The parts of a node's name."""

    name: str
    namespace: str
    full_name: str


def is_hidden(name: str) -> bool:
    """Tell whether a topic, service or action is hidden: a part of its name begins with `_`."""
    return any(part.startswith("_") for part in name.split("/"))


def visible(names_and_types: NamesAndTypes, *, include_hidden: bool) -> NamesAndTypes:
    """Leave out what is hidden."""
    return [(n, t) for n, t in names_and_types if include_hidden or not is_hidden(n)]


def print_names(names_and_types: NamesAndTypes, *, count: bool, show_types: bool) -> None:
    """Print names, with their types if asked for, or only how many there are."""
    if count:
        print(len(names_and_types))
        return
    for name, types in names_and_types:
        print(f"{name} [{', '.join(types)}]" if show_types else name)


def full_name(node: Any, name: str) -> str:
    """Return the full name of a topic or an action. Raises RuntimeError for an invalid one."""
    from rclpy.exceptions import InvalidTopicNameException
    from rclpy.expand_topic_name import expand_topic_name
    from rclpy.validate_full_topic_name import validate_full_topic_name

    try:
        expanded: str = expand_topic_name(name, node.get_name(), node.get_namespace())
        validate_full_topic_name(expanded)
    except (ValueError, InvalidTopicNameException) as error:
        raise RuntimeError(str(error)) from error
    return expanded


def types_of(node: Any, ask: Callable[[], NamesAndTypes], name: str) -> list[str] | None:
    """Return the types of a name; None if it is not in the graph, which has had time to tell it."""
    types: list[str] | None = None

    def found() -> bool:
        nonlocal types
        types = dict(ask()).get(name)
        return types is not None

    wait_until(node, found, DISCOVERY_PATIENCE)
    return types


def print_types(node: Any, ask: Callable[[], NamesAndTypes], name: str) -> int:
    """Print the types of a name; return the exit status, 1 if it is not in the graph."""
    types = types_of(node, ask, name)
    for found in types or ():
        print(found)
    return 1 if types is None else 0


def absolute_node_name(node_name: str | None) -> str | None:
    """Put a slash before a relative name."""
    if not node_name or node_name.startswith("/"):
        return node_name or None
    return f"/{node_name}"


def parse_node_name(node_name: str) -> NodeName:
    """Split a full name."""
    full_name = absolute_node_name(node_name) or "/"
    namespace, name = full_name.rsplit("/", 1)
    return NodeName(name, namespace or "/", full_name)


def node_names(node: Any, *, include_hidden: bool) -> list[NodeName]:
    """List the nodes in the graph."""
    return [
        NodeName(name, namespace, f"{namespace.rstrip('/')}/{name}")
        for name, namespace in node.get_node_names_and_namespaces()
        if include_hidden or (name and not name.startswith(_HIDDEN_NODE_PREFIX))
    ]


def wait_for_node(node: Any, node_name: str, *, include_hidden: bool, timeout: float) -> bool:
    """Wait for a node, at most `timeout` seconds; tell whether it is there."""

    def present() -> bool:
        known = node_names(node, include_hidden=include_hidden)
        return any(entry.full_name == node_name for entry in known)

    return wait_until(node, present, timeout)
