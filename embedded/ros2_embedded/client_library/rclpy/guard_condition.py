"""A condition the program triggers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ros2_embedded.wire.waitset import Guard

from rclpy.destroyable import Entity, Handle
from rclpy.utilities import get_default_context


class GuardCondition(Entity):
    """Its callback runs in the executor after ``trigger()``."""

    _order = 3

    def __init__(
        self, callback: Callable[[], Any] | None, callback_group: Any, context: Any = None
    ) -> None:
        self._context = get_default_context() if context is None else context
        self._guard = Guard(self._context.participant.entity)
        self._handle = Handle("guard condition", self._guard.close)
        self.callback = callback
        self.callback_group = callback_group

    @property
    def condition(self) -> int:
        return self._guard.condition

    def trigger(self) -> None:
        """Wake the executor; raises InvalidHandle after destroy()."""
        with self._handle:
            self._guard.trigger()

    def _take(self, executor: Any) -> Any:
        self._guard.clear()
        return self.callback, ()
