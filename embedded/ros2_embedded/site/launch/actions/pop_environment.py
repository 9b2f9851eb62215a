"""Ends a scope of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.action import Action

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class PopEnvironment(Action):
    """Brings back the environment of the last PushEnvironment."""

    def execute(self, context: LaunchContext) -> None:
        """Bring it back."""
        context._pop_environment()
