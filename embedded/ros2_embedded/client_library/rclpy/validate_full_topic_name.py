"""Rules for fully expanded topic and service names."""

from __future__ import annotations


import re

from rclpy.exceptions import InvalidServiceNameException, InvalidTopicNameException

MAX_LENGTH = 255 - len("rt")


def full_topic_name_error(name: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a full name, or None."""
    found = absolute_name_error(name, "topic name", "topic name must not end with a '/'")
    if found is None and len(name) > MAX_LENGTH:
        return f"topic length should not exceed '{MAX_LENGTH}'", MAX_LENGTH
    return found


def absolute_name_error(name: str, what: str, closed: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with tokens between slashes, or None.

    ``what`` names it in messages, ``closed`` is the message for a slash at the end.
    """
    if not name:
        return f"{what} must not be empty", 0
    if name[0] != "/":
        return f"{what} must be absolute, it must lead with a '/'", 0
    if len(name) > 1 and name[-1] == "/":
        return closed, len(name) - 1
    wrong = re.search(r"[^A-Za-z0-9_/]", name)
    if wrong is not None:
        says = f"{what} must not contain characters other than alphanumerics, '_', or '/'"
        return says, wrong.start()
    return token_error(name, what, f"{what} must not have a token that starts with a number")


def token_error(name: str, what: str, numbered: str) -> tuple[str, int] | None:
    """Return what is wrong behind a slash: another slash, or a number, for which ``numbered`` says so."""
    wrong = re.search(r"/([/0-9])", name)
    if wrong is None:
        return None
    return f"{what} must not contain repeated '/'" if wrong[1] == "/" else numbered, wrong.start(1)


def validate_full_topic_name(name: str, *, is_service: bool = False) -> bool:
    """Return True; raises InvalidTopicNameException or InvalidServiceNameException."""
    error = full_topic_name_error(name)
    if error is None:
        return True
    raise (InvalidServiceNameException if is_service else InvalidTopicNameException)(name, *error)
