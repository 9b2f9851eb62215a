"""Imports messages by their types."""

from __future__ import annotations

import importlib
from typing import Any


def import_message_from_namespaced_type(message_type: Any) -> Any:
    """Import the class of a NamespacedType.

    Raises ModuleNotFoundError or AttributeError if there is none.
    """
    module = importlib.import_module(".".join(message_type.namespaces))
    return getattr(module, message_type.name)
