"""Endpoints of the ROS graph by their GUIDs: another process of the same name has others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

UNNAMED = "_NODE_NAME_UNKNOWN_"  # of the node of an endpoint, as rmw has it


def publishers_of(node: Any, topic: str) -> frozenset[bytes]:
    """Return the GUIDs of a topic's publishers; ``topic`` is its full name."""
    return frozenset(map(guid, node.get_publishers_info_by_topic(topic)))


def subscribers_of(node: Any, topic: str) -> frozenset[bytes]:
    """Return the GUIDs of a topic's subscribers; ``topic`` is its full name."""
    return frozenset(map(guid, node.get_subscriptions_info_by_topic(topic)))


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


def other_version(node: Any, action: str) -> bool:
    """Whether an action server's type has other fields than that of a client of this node.

    The names are the same, so DDS matches them, and messages cannot be read. Servers that do not
    publish the hash of their type (Humble's) count as equal. ``action`` is a full name.
    """
    mine = (node.get_name(), node.get_namespace())
    answers = (f"rr{action}/_action/{part}Reply" for part in ("send_goal", "get_result"))
    for topic, raw in ((f"{action}/_action/feedback", False), *((one, True) for one in answers)):
        theirs = _hashes(node.get_publishers_info_by_topic(topic, no_mangle=raw))
        readers = node.get_subscriptions_info_by_topic(topic, no_mangle=raw)
        ours = _hashes(one for one in readers if (one.node_name, one.node_namespace) == mine)
        if ours and theirs and not theirs & ours:
            return True
    return False


def _hashes(endpoints: Iterable[Any]) -> set[bytes]:
    known = (one.topic_type_hash for one in endpoints)
    return {bytes(one.value) for one in known if one.version > 0}
