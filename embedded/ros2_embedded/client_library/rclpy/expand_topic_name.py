"""Relative, private and substituted names made absolute."""

from __future__ import annotations

import re
from functools import lru_cache

from rclpy.validate_namespace import namespace_error
from rclpy.validate_node_name import node_name_error
from rclpy.validate_topic_name import topic_name_error


# A node asks the graph about the same few names for each goal.
@lru_cache(maxsize=4096)
def expand_topic_name(topic_name: str, node_name: str, node_namespace: str) -> str:
    """Return the full name; raises ValueError for an invalid part."""
    error = topic_name_error(topic_name)
    if error is not None:
        raise ValueError(f"topic name is invalid: {error[0]}")
    error = node_name_error(node_name)
    if error is not None:
        raise ValueError(f"node name is invalid: {error[0]}")
    error = namespace_error(node_namespace)
    if error is not None:
        raise ValueError(f"node namespace is invalid: {error[0]}")
    prefix = "" if node_namespace == "/" else node_namespace
    known = {"node": node_name, "ns": node_namespace, "namespace": node_namespace}

    def substitute(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(f"topic name is invalid: unknown substitution '{match[0]}'")
        return known[match[1]]

    name = topic_name
    if name.startswith("~"):
        name = f"{prefix}/{node_name}{name[1:]}"
    name = re.sub(r"\{([^{}]*)\}", substitute, name)
    return name if name.startswith("/") else f"{prefix}/{name}"
