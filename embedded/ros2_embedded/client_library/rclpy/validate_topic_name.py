"""Rules for topic and service names that may be relative."""

from __future__ import annotations

import re

from rclpy.exceptions import InvalidServiceNameException, InvalidTopicNameException
from rclpy.validate_full_topic_name import token_error

_WRONG_SUBSTITUTION = (
    "substitution name must not contain characters other than alphanumerics or '_'"
)
_SUBSTITUTION = re.compile(r"\{([^{}]*)\}")


def topic_name_error(name: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a name, or None."""
    if not name:
        return "topic name must not be empty string", 0
    if name[-1] == "/":
        return "topic name must not end with a forward slash", len(name) - 1
    depth, opened = 0, 0
    for index, character in enumerate(name):
        if character == "{":
            if depth:
                return "topic name has unbalanced curly braces", index
            depth, opened = 1, index
        elif character == "}":
            if not depth:
                return "topic name has unbalanced curly braces", index
            depth = 0
        elif character == "~":
            if index != 0:
                return "topic name must not have tilde (~) unless it is the first character", index
        elif not (character.isascii() and (character.isalnum() or character in "_/")):
            if depth:
                return _WRONG_SUBSTITUTION, index
            return (
                "topic name must not contain characters other than alphanumerics, '_', '~', '{', "
                "or '}'",
                index,
            )
        elif depth and character == "/":
            return _WRONG_SUBSTITUTION, index
    if depth:
        return "topic name has unbalanced curly braces", opened
    if name[0].isdigit():
        return "topic name token must not start with a number", 0
    if name[0] == "~" and len(name) > 1 and name[1] != "/":
        return "tilde (~) must be followed by a forward slash (/)", 1
    found = token_error(name, "topic name", "topic name token must not start with a number")
    if found is not None:
        return found
    for match in _SUBSTITUTION.finditer(name):
        if match[1][:1].isdigit():
            return "substitution name must not start with a number", match.start() + 1
    return None


def validate_topic_name(name: str, *, is_service: bool = False) -> bool:
    """Return True; raises InvalidTopicNameException or InvalidServiceNameException."""
    error = topic_name_error(name)
    if error is None:
        return True
    raise (InvalidServiceNameException if is_service else InvalidTopicNameException)(name, *error)
