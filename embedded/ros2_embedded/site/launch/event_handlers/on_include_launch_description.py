"""Visits launch descriptions when asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from launch.event import Event
from launch.event_handler import BaseEventHandler
from launch.events import IncludeLaunchDescription
from launch.some_entities_type import SomeEntitiesType

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class OnIncludeLaunchDescription(BaseEventHandler):
    """Returns the launch description of an IncludeLaunchDescription event."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            matcher=lambda event: isinstance(event, IncludeLaunchDescription), **kwargs
        )

    @property
    def matcher_description(self) -> str:
        """Which events are handled, in words."""
        return "event issubclass of launch.events.IncludeLaunchDescription"

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Return the launch description."""
        super().handle(event, context)
        return cast(IncludeLaunchDescription, event).launch_description
