"""Namespaces of nodes."""

import re

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_root_namespace(ns: str) -> bool:
    """Tell whether a namespace is `/`."""
    return ns == "/"


def is_namespace_absolute(ns: str) -> bool:
    """Tell whether a namespace begins with `/`."""
    return ns.startswith("/")


def prefix_namespace(base_ns: str | None, ns: str | None) -> str | None:
    """Put a base before a relative namespace; an absolute one stays as it is.

    None stands for a namespace that is not given. A slash at the end is dropped.
    """
    if ns is None:
        combined = base_ns
    elif not base_ns or is_namespace_absolute(ns):
        combined = ns
    else:
        combined = f"{base_ns.rstrip('/')}/{ns}"
    if combined is None or is_root_namespace(combined):
        return combined
    return combined.rstrip("/")


def make_namespace_absolute(ns: str | None) -> str | None:
    """Put `/` before a relative namespace."""
    if ns is None or is_namespace_absolute(ns):
        return ns
    return f"/{ns}"


def validate_namespace(ns: str) -> None:
    """Raise ValueError unless a text is an absolute namespace."""
    tokens = ns.split("/")[1:]
    if ns == "/":
        return
    if not is_namespace_absolute(ns) or not all(_TOKEN.fullmatch(token) for token in tokens):
        raise ValueError(
            f"'{ns}' is not a valid namespace: use '/' and names of letters, digits and '_' "
            "that do not begin with a digit"
        )


def validate_node_name(name: str) -> None:
    """Raise ValueError unless a text is a node name."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(
            f"'{name}' is not a valid node name: use letters, digits and '_', "
            "and do not begin with a digit"
        )
