"""Checks of interface types."""

from __future__ import annotations

from typing import Any

from rclpy.exceptions import NoTypeSupportImportedException


def _is(kind: Any, part: str) -> bool:
    return hasattr(kind, "_name") and part in kind._parts


def check_for_type_support(msg_or_srv_type: Any) -> None:
    """Raise AttributeError or NoTypeSupportImportedException if this is no interface class."""
    if hasattr(msg_or_srv_type, "_definition_") or hasattr(msg_or_srv_type, "_name"):
        return
    if hasattr(type(msg_or_srv_type), "_TYPE_SUPPORT"):
        raise NoTypeSupportImportedException(
            f"{msg_or_srv_type!r} was not made by this runtime and cannot be sent by it"
        )
    raise AttributeError(f"{msg_or_srv_type!r} is not a ROS interface type")


def check_is_valid_msg_type(msg_type: Any) -> None:
    """Raise an exception if this is not a message class; RuntimeError for a service or action."""
    check_for_type_support(msg_type)
    if not hasattr(msg_type, "_definition_"):
        raise RuntimeError(f"{msg_type!r} is not a ROS message type but a service or an action")


def check_is_valid_srv_type(srv_type: Any) -> None:
    """Raise an exception if this is not a service class; RuntimeError for other interfaces."""
    check_for_type_support(srv_type)
    if not _is(srv_type, "Request"):
        raise RuntimeError(f"{srv_type!r} is not a ROS service type")


def check_is_valid_action_type(action_type: Any) -> None:
    """Raise an exception if this is not an action class; RuntimeError for other interfaces."""
    check_for_type_support(action_type)
    if not _is(action_type, "Goal"):
        raise RuntimeError(f"{action_type!r} is not a ROS action type")
