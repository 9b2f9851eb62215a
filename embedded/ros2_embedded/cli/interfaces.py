"""Look-up of interface types named on the command line."""

from __future__ import annotations

from typing import Any


def _load(kind: str, name: str, complaint: str) -> Any:
    """Return a type, or raise RuntimeError with a complaint."""
    # Imported here: verbs that only look at names do not need it.
    from rosidl_runtime_py import utilities

    try:
        return getattr(utilities, f"get_{kind}")(name)
    except (AttributeError, ModuleNotFoundError, ValueError) as error:
        raise RuntimeError(complaint) from error


def message_class(name: str, complaint: str = "The passed message type is invalid") -> Any:
    """Return a message type. Raises RuntimeError if there is none of the name."""
    return _load("message", name, complaint)


def service_class(name: str, complaint: str = "The passed service type is invalid") -> Any:
    """Return a service type. Raises RuntimeError if there is none of the name."""
    return _load("service", name, complaint)


def action_class(name: str, complaint: str = "The passed action type is invalid") -> Any:
    """Return an action type. Raises RuntimeError if there is none of the name."""
    return _load("action", name, complaint)
