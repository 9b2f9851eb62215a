"""Goes back to the first environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("reset_env")
class ResetEnvironment(Action):
    """Brings back the environment the launch service started with."""

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `reset_env`."""
        _, kwargs = super().parse(entity, parser)
        return cls, kwargs

    def execute(self, context: LaunchContext) -> None:
        """Bring it back."""
        context._reset_environment()
