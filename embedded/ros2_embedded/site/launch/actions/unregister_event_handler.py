"""Unregisters an event handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.event_handler import BaseEventHandler

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class UnregisterEventHandler(Action):
    """Unregisters an event handler when executed."""

    def __init__(self, event_handler: BaseEventHandler, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__event_handler = event_handler

    @property
    def event_handler(self) -> BaseEventHandler:
        """The event handler."""
        return self.__event_handler

    def execute(self, context: LaunchContext) -> None:
        """Unregister the event handler."""
        context.unregister_event_handler(self.event_handler)
