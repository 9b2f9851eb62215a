"""Endpoints of the ROS graph by their GUIDs: another process of the same name has others."""

from __future__ import annotations

from typing import Any


def publishers_of(node: Any, topic: str) -> frozenset[bytes]:
    """Return the GUIDs of a topic's publishers; ``topic`` is its full name."""
    return frozenset(map(guid, node.get_publishers_info_by_topic(topic)))


def services_of(node: Any, service: str) -> frozenset[bytes]:
    """Return the GUIDs of those who offer a service; ``service`` is its full name.

    They are those of its answers, which middlewares on DDS show; others show none.
    """
    answers = node.get_publishers_info_by_topic(f"rr{service}Reply", no_mangle=True)
    return frozenset(map(guid, answers))


def own_guid(node: Any) -> bytes:
    """Return the GUID of an endpoint of this process; empty: the graph does not show it yet."""
    mine = (node.get_name(), node.get_namespace())
    found = node.get_publishers_info_by_topic("/parameter_events")
    return next((guid(one) for one in found if (one.node_name, one.node_namespace) == mine), b"")


def guid(info: Any) -> bytes:
    """Return the GUID of an endpoint."""
    return bytes(bytearray(info.endpoint_gid))
