"""Checks of interface types."""


def _is(kind, part):
    return hasattr(kind, "_name") and part in kind._parts


def check_is_valid_msg_type(msg_type):
    """Raise AttributeError if this is not a message class."""
    if not hasattr(msg_type, "_kind"):
        raise AttributeError(
            f"{msg_type!r} is not a ROS message type; services and actions have other classes"
        )


def check_is_valid_srv_type(srv_type):
    """Raise AttributeError if this is not a service class."""
    if not _is(srv_type, "Request"):
        raise AttributeError(f"{srv_type!r} is not a ROS service type")


def check_is_valid_action_type(action_type):
    """Raise AttributeError if this is not an action class."""
    if not _is(action_type, "Goal"):
        raise AttributeError(f"{action_type!r} is not a ROS action type")


def check_for_type_support(msg_or_srv_type):
    """Raise AttributeError if this is no interface class at all."""
    if not hasattr(msg_or_srv_type, "_kind") and not hasattr(msg_or_srv_type, "_name"):
        raise AttributeError(f"{msg_or_srv_type!r} is not a ROS interface type")
