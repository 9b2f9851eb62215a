"""Shuts the launched system down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from launch import logging
from launch.action import Action
from launch.events import Shutdown as ShutdownEvent
from launch.events.process import ProcessExited
from launch.frontend.expose import expose_action

from .emit_event import EmitEvent

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("shutdown")
class Shutdown(EmitEvent):
    """Shuts down when executed."""

    def __init__(self, *, reason: str = "reason not given", **kwargs: Any) -> None:
        super().__init__(event=ShutdownEvent(reason=reason), **kwargs)
        self.__logger = logging.get_logger("launch.actions.Shutdown")

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `shutdown`."""
        _, kwargs = super().parse(entity, parser)
        reason = entity.get_attr("reason", optional=True)
        if reason is not None:
            kwargs["reason"] = parser.escape_characters(reason)
        return cls, kwargs

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
