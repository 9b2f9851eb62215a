"""What to do when an event happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from .event import Event
    from .launch_context import LaunchContext
    from .some_entities_type import SomeEntitiesType


class BaseEventHandler:
    """Matches events and handles them."""

    def __init__(self, *, matcher: Callable[[Event], bool], handle_once: bool = False) -> None:
        self.__matcher = matcher
        self.handle_once = handle_once

    def sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities that are surely visited on an event."""
        return []

    def matches(self, event: Event) -> bool:
        """Tell whether this handler takes an event."""
        return self.__matcher(event)

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """React to an event; return entities to visit."""
        context.extend_locals({"event": event})
        if self.handle_once:
            context.unregister_event_handler(self)
        return None


class EventHandler(BaseEventHandler):
    """Visits fixed entities on each event that matches."""

    def __init__(
        self,
        *,
        matcher: Callable[[Event], bool],
        entities: SomeEntitiesType | None = None,
        handle_once: bool = False,
    ) -> None:
        super().__init__(matcher=matcher, handle_once=handle_once)
        self.entities = entities

    def sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        if self.entities is None:
            return []
        if isinstance(self.entities, LaunchDescriptionEntity):
            return [self.entities]
        return list(self.entities)

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Return the entities to visit."""
        super().handle(event, context)
        return self.entities
