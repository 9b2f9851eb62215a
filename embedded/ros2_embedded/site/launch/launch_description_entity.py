"""The base of everything a launch description is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .launch_context import LaunchContext


class LaunchDescriptionEntity:
    """A part of a launch description: described without, visited with a launch context."""

    def describe_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities that are always visited with this one."""
        return []

    def describe_conditional_sub_entities(
        self,
    ) -> Sequence[tuple[str, Iterable[LaunchDescriptionEntity]]]:
        """List, per condition in words, the entities visited only under it."""
        return []

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Take effect; return further entities to visit. Must not block."""
        return None

    def leave(self, context: LaunchContext) -> None:
        """Be told that all entities that visit() returned have been visited."""

    def get_asyncio_future(self) -> asyncio.Future[Any] | None:
        """Return a future that is done when the work started by visit() is; None if none was."""
        return None
