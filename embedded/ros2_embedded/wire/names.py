"""ROS names and types on the wire, and back."""

from __future__ import annotations

import re

TOPIC, REQUEST, REPLY = "rt", "rq", "rr"
_TYPE = re.compile(r"(?P<package>.+)::(?P<folder>msg|srv|action)::dds_::(?P<name>.+)_$")


def topic(name: str) -> str:
    """``/chatter`` -> ``rt/chatter``."""
    return TOPIC + name


def request(service: str) -> str:
    """``/add`` -> ``rq/addRequest``."""
    return f"{REQUEST}{service}Request"


def reply(service: str) -> str:
    """``/add`` -> ``rr/addReply``."""
    return f"{REPLY}{service}Reply"


def ros_topic(dds_topic: str) -> str | None:
    """``rt/chatter`` -> ``/chatter``; None if it is no ROS topic."""
    return dds_topic[2:] if dds_topic.startswith("rt/") else None


def ros_service(dds_topic: str) -> str | None:
    """``rq/addRequest`` and ``rr/addReply`` -> ``/add``; None if it is no part of a service."""
    if dds_topic.startswith("rq/") and dds_topic.endswith("Request"):
        return dds_topic[2:-7]
    if dds_topic.startswith("rr/") and dds_topic.endswith("Reply"):
        return dds_topic[2:-5]
    return None


def ros_type(dds_type: str) -> str:
    """``std_msgs::msg::dds_::String_`` -> ``std_msgs/msg/String``; others are left as they are."""
    match = _TYPE.match(dds_type)
    return f"{match['package']}/{match['folder']}/{match['name']}" if match else dds_type


def service_type(dds_type: str) -> str:
    """Return the service of a request or response type."""
    name = ros_type(dds_type)
    for suffix in ("_Request", "_Response"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
