"""Ends a scope of the launch configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.action import Action

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class PopLaunchConfigurations(Action):
    """Brings back the launch configurations of the last PushLaunchConfigurations."""

    def execute(self, context: LaunchContext) -> None:
        """Bring them back."""
        context._pop_launch_configurations()
