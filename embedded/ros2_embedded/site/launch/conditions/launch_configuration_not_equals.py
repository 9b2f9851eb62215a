"""The opposite of a condition on a launch configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .launch_configuration_equals import LaunchConfigurationEquals

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class LaunchConfigurationNotEquals(LaunchConfigurationEquals):
    """Holds if a launch configuration does not have a value."""

    def _evaluate(self, context: LaunchContext) -> bool:
        return not super()._evaluate(context)
