"""Finds interface types by name, and their fields."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_PARTS = ("Goal", "Result", "Feedback", "Request", "Response")


class InterfaceNotFoundError(LookupError):
    """No installed package has the interface."""


@lru_cache(maxsize=1024)
def interface_class(name: str) -> Any:
    """Class of ``package/msg/Name``, ``package/srv/Name`` or ``package/action/Name``.

    Raises:
        InterfaceNotFoundError: it is not installed, or the name has another form.

    """
    pieces = name.split("/")
    if len(pieces) != 3 or pieces[1] not in ("msg", "srv", "action"):
        raise InterfaceNotFoundError(
            f"{name!r} is no interface name; it has the form package/action/Name"
        )
    package, kind, type_name = pieces
    try:
        return getattr(importlib.import_module(f"{package}.{kind}"), type_name)
    except (ImportError, AttributeError):
        raise InterfaceNotFoundError(
            f"the interface {name} is not installed; install or source the package {package}"
        ) from None


def message_class(name: str) -> Any:
    """Class of a message, or of a part such as ``nav2_msgs/action/Spin_Goal``.

    Raises:
        InterfaceNotFoundError: it is not installed.

    """
    whole, _, part = name.rpartition("_")
    if part in _PARTS and "/msg/" not in name:
        return getattr(interface_class(whole), part)
    return interface_class(name)


class InstalledInterfaces:
    """The interface catalogue of this installation."""

    def fields(self, type_name: str) -> Mapping[str, str] | None:
        """Field types of a message or a part of an action or service; None: not installed."""
        try:
            fields: Mapping[str, str] = message_class(type_name).get_fields_and_field_types()
        except InterfaceNotFoundError:
            return None
        return fields
