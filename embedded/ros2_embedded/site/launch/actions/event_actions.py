"""Emit events, shut down, and register what reacts to events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from launch import logging
from launch.action import Action
from launch.event import Event
from launch.event_handler import BaseEventHandler
from launch.events import Shutdown as ShutdownEvent
from launch.events.process import ProcessExited
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity


class EmitEvent(Action):
    """Emits an event when executed."""

    def __init__(self, *, event: Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event = event

    def execute(self, context: LaunchContext) -> None:
        context.emit_event_sync(self.event)


class Shutdown(EmitEvent):
    """Shuts down when executed."""

    def __init__(self, *, reason: str = "reason not given", **kwargs: Any) -> None:
        super().__init__(event=ShutdownEvent(reason=reason), **kwargs)
        self.__logger = logging.get_logger("launch.actions.Shutdown")

    def execute(self, context: LaunchContext) -> None:
        """Ask for the shutdown, and say which process's end caused it, if one did."""
        event = context.get_locals_as_dict().get("event")
        if isinstance(event, ProcessExited) and not context.is_shutdown:
            self.__logger.info(
                f"process[{event.process_name}] was required: shutting down launched system"
            )
        super().execute(context)

    @property
    def reason(self) -> str:
        """Why, in words."""
        return cast(ShutdownEvent, self.event).reason


class RegisterEventHandler(Action):
    """Registers an event handler when executed."""

    def __init__(self, event_handler: BaseEventHandler, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def execute(self, context: LaunchContext) -> None:
        context.register_event_handler(self.event_handler)

    def describe_conditional_sub_entities(
        self,
    ) -> Sequence[tuple[str, Iterable[LaunchDescriptionEntity]]]:
        """List what the event handler visits on an event."""
        return [(self.event_handler.__class__.__name__, self.event_handler.sub_entities())]


class UnregisterEventHandler(Action):
    """Unregisters an event handler when executed."""

    def __init__(self, event_handler: BaseEventHandler, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def execute(self, context: LaunchContext) -> None:
        context.unregister_event_handler(self.event_handler)
