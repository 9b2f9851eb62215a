"""Rules of names."""

import re

MAX_NAME = 255
_SUBSTITUTION = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")


def node_name_problem(name):
    """Return (what is wrong, where) or None."""
    if not name:
        return "node name must not be empty", 0
    for index, character in enumerate(name):
        if not (character.isascii() and (character.isalnum() or character == "_")):
            return "node name must not contain characters other than alphanumerics or '_'", index
    if name[0].isdigit():
        return "node name must not start with a number", 0
    if len(name) > MAX_NAME:
        return "node name length should not exceed '255'", MAX_NAME
    return None


def full_name_problem(name, what):
    """Return what is wrong with a full topic name or namespace."""
    if not name:
        return f"{what} must not be empty", 0
    if not name.startswith("/"):
        return f"{what} must be absolute, it must lead with a '/'", 0
    if what == "namespace" and name == "/":
        return None
    if name.endswith("/"):
        return f"{what} must not end with a '/'" + (
            ", unless only a '/'" if what == "namespace" else ""
        ), len(name) - 1
    for index, character in enumerate(name):
        if not (character.isascii() and (character.isalnum() or character in "_/")):
            return (
                f"{what} must not contain characters other than alphanumerics, '_', or '/'",
                index,
            )
        if character == "/" and name[index + 1 : index + 2] == "/":
            return f"{what} must not contain repeated '/'", index + 1
        if character == "/" and name[index + 1 : index + 2].isdigit():
            return f"{what} must not have a token that starts with a number", index + 1
    if len(name) > MAX_NAME:
        return f"{what} length should not exceed '255'", MAX_NAME
    return None


def topic_name_problem(name):
    """Return what is wrong with a topic name that is not expanded yet."""
    if not name:
        return "topic name must not be empty string", 0
    if name[0].isdigit():
        return "topic name token must not start with a number", 0
    if name.endswith("/"):
        return "topic name must not end with a '/'", len(name) - 1
    plain = _SUBSTITUTION.sub(lambda m: "x" * len(m.group()), name)
    for index, character in enumerate(plain):
        if character in "{}":
            return (
                "substitution name must not contain characters other than alphanumerics or '_'"
                if character == "}"
                else "topic name has mismatched curly braces",
                index,
            )
        if not (character.isascii() and (character.isalnum() or character in "_/~")):
            return (
                "topic name must not contain characters other than alphanumerics, '_', '~', '{', or '}'",
                index,
            )
        if character == "~" and index != 0:
            return "tilde (~) may only be used as the first character", index
        if character == "~" and len(plain) > 1 and plain[1] != "/":
            return (
                "tilde (~) must be followed by a forward slash (/) unless it is the only character",
                1,
            )
        if character == "/" and plain[index + 1 : index + 2] == "/":
            return "topic name must not contain repeated '/'", index + 1
        if character == "/" and plain[index + 1 : index + 2].isdigit():
            return "topic name token must not start with a number", index + 1
    return None
