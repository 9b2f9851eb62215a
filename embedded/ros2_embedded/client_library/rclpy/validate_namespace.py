"""Rules for namespaces."""

from __future__ import annotations


from rclpy.exceptions import InvalidNamespaceException

MAX_LENGTH = 245


def namespace_error(namespace: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a namespace, or None."""
    if not namespace:
        return "namespace must not be empty", 0
    if namespace[0] != "/":
        return "namespace must be absolute, it must lead with a '/'", 0
    if namespace == "/":
        return None
    if namespace[-1] == "/":
        return "namespace must not end with a '/', unless only a '/'", len(namespace) - 1
    for index, character in enumerate(namespace):
        if not (character.isascii() and (character.isalnum() or character in "_/")):
            return (
                "namespace must not contain characters other than alphanumerics, '_', or '/'",
                index,
            )
    for index in range(1, len(namespace)):
        if namespace[index - 1] == "/":
            if namespace[index] == "/":
                return "namespace must not contain repeated '/'", index
            if namespace[index].isdigit():
                return "namespace must not have a token that starts with a number", index
    if len(namespace) > MAX_LENGTH:
        return f"namespace should not exceed '{MAX_LENGTH}'", MAX_LENGTH
    return None


def validate_namespace(namespace: str) -> bool:
    """Return True; raises InvalidNamespaceException."""
    error = namespace_error(namespace)
    if error is None:
        return True
    raise InvalidNamespaceException(namespace, *error)
