"""Rules for node names."""

from __future__ import annotations


from rclpy.exceptions import InvalidNodeNameException

MAX_LENGTH = 255


def node_name_error(name: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a node name, or None."""
    if not name:
        return "node name must not be empty", 0
    for index, character in enumerate(name):
        if not (character.isascii() and (character.isalnum() or character == "_")):
            return "node name must not contain characters other than alphanumerics or '_'", index
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
