"""Rules for node names."""

from __future__ import annotations


import re

from rclpy.exceptions import InvalidNodeNameException

MAX_LENGTH = 255


def node_name_error(name: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a node name, or None."""
    if not name:
        return "node name must not be empty", 0
    wrong = re.search(r"[^A-Za-z0-9_]", name)
    if wrong is not None:
        says = "node name must not contain characters other than alphanumerics or '_'"
        return says, wrong.start()
    if name[0].isdigit():
        return "node name must not start with a number", 0
    if len(name) > MAX_LENGTH:
        return f"node name length should not exceed '{MAX_LENGTH}'", MAX_LENGTH
    return None


def validate_node_name(node_name: str) -> bool:
    """Return True; raises InvalidNodeNameException."""
    error = node_name_error(node_name)
    if error is None:
        return True
    raise InvalidNodeNameException(node_name, *error)
