"""Handles the request to shut down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from launch.event import Event
from launch.event_handler import BaseEventHandler
from launch.events import Shutdown
from launch.some_entities_type import SomeEntitiesType

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class OnShutdown(BaseEventHandler):
    """Reacts when the launched system is shut down."""

    def __init__(
        self,
        *,
        on_shutdown: SomeEntitiesType | Callable[[Shutdown, LaunchContext], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(matcher=lambda event: isinstance(event, Shutdown), **kwargs)
        self.__on_shutdown = on_shutdown

    @property
    def matcher_description(self) -> str:
        """Which events are handled, in words."""
        return "event issubclass of launch.events.Shutdown"

    @property
    def handler_description(self) -> str:
        """What is done, in words."""
        return str(self.__on_shutdown)

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Call the given function, or return the given entities."""
        super().handle(event, context)
        if callable(self.__on_shutdown):
            outcome = self.__on_shutdown(cast(Shutdown, event), context)
            return cast("SomeEntitiesType | None", outcome)
        return self.__on_shutdown
