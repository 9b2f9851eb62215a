"""Endpoints of the ROS graph by their GUIDs: another process of the same name has others."""

from __future__ import annotations

from typing import Any


def publishers_of(node: Any, topic: str) -> frozenset[bytes]:
    """Return the GUIDs of a topic's publishers; ``topic`` is its full name."""
    return frozenset(map(guid, node.get_publishers_info_by_topic(topic)))


def guid(info: Any) -> bytes:
    """Return the GUID of an endpoint."""
    return bytes(bytearray(info.endpoint_gid))
