"""Services in the graph."""

from __future__ import annotations

from typing import Any

from ros2_embedded.cli.graph import visible


def get_service_names_and_types(
    *, node: Any, include_hidden_services: bool = False
) -> list[tuple[str, list[str]]]:
    """Return the services with their types."""
    return visible(node.get_service_names_and_types(), include_hidden=include_hidden_services)


def get_service_names(*, node: Any, include_hidden_services: bool = False) -> list[str]:
    """Return the names of the services."""
    found = get_service_names_and_types(node=node, include_hidden_services=include_hidden_services)
    return [name for name, _ in found]
