"""Rules for namespaces."""

from __future__ import annotations


from rclpy.exceptions import InvalidNamespaceException
from rclpy.validate_full_topic_name import absolute_name_error

MAX_LENGTH = 245


def namespace_error(namespace: str) -> tuple[str, int] | None:
    """Return (message, index) of what is wrong with a namespace, or None."""
    closed = "namespace must not end with a '/', unless only a '/'"
    found = absolute_name_error(namespace, "namespace", closed)
    if found is None and len(namespace) > MAX_LENGTH:
        return f"namespace should not exceed '{MAX_LENGTH}'", MAX_LENGTH
    return found


def validate_namespace(namespace: str) -> bool:
    """Return True; raises InvalidNamespaceException."""
    error = namespace_error(namespace)
    if error is None:
        return True
    raise InvalidNamespaceException(namespace, *error)
