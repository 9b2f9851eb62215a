"""Interfaces by their full names."""

from __future__ import annotations

import importlib
from typing import Any


def get_interface(identifier: str) -> Any:
    """Return an interface of any kind, such as `std_msgs/msg/String`.

    Raises ValueError for a malformed name, ModuleNotFoundError or AttributeError if there is none.
    """
    return _load(identifier, None)


def get_message(identifier: str) -> Any:
    """Return a message; `std_msgs/String` will do. Raises what get_interface() raises."""
    return _checked(identifier, "msg", is_message, "a message")


def get_service(identifier: str) -> Any:
    """Return a service; `std_srvs/Empty` will do. Raises what get_interface() raises."""
    return _checked(identifier, "srv", is_service, "a service")


def get_action(identifier: str) -> Any:
    """Return an action. Raises what get_interface() raises."""
    return _checked(identifier, "action", is_action, "an action")


def is_message(interface: Any) -> bool:
    """Tell whether an interface is a message."""
    return hasattr(interface, "get_fields_and_field_types")


def is_service(interface: Any) -> bool:
    """Tell whether an interface is a service."""
    return hasattr(interface, "Request") and hasattr(interface, "Response")


def is_action(interface: Any) -> bool:
    """Tell whether an interface is an action."""
    return all(hasattr(interface, part) for part in ("Goal", "Result", "Feedback"))


def _parts(identifier: str, default_kind: str | None) -> list[str]:
    """Split a name; a missing kind is filled in."""
    parts = identifier.split("/")
    if len(parts) == 2 and default_kind is not None:
        parts.insert(1, default_kind)
    return parts


def _load(identifier: str, default_kind: str | None) -> Any:
    """Import an interface."""
    parts = _parts(identifier, default_kind)
    if len(parts) < 2 or not all(parts):
        raise ValueError(f"'{identifier}' is not the full name of an interface: package/msg/Name")
    return getattr(importlib.import_module(".".join(parts[:-1])), parts[-1])


def _checked(identifier: str, kind: str, check: Any, what: str) -> Any:
    """Import an interface of a kind."""
    interface = _load(identifier, kind)
    if not check(interface):
        raise ValueError(f"Expected the full name of {what}, got '{identifier}'")
    return interface
