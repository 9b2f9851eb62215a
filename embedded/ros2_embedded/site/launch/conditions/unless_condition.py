"""The opposite of a condition on a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .if_condition import IfCondition

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class UnlessCondition(IfCondition):
    """Holds if a text reads false."""

    def _evaluate(self, context: LaunchContext) -> bool:
        return not super()._evaluate(context)
