"""Handles the end of processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from launch.events.process import ProcessExited

from .on_action_event_base import OnActionEventBase, Reaction

if TYPE_CHECKING:
    from launch.actions.execute_local import ExecuteLocal


class OnProcessExit(OnActionEventBase):
    """Reacts when a process ends."""

    def __init__(
        self,
        *,
        target_action: Callable[[Any], bool] | ExecuteLocal | None = None,
        on_exit: Reaction | None,
        **kwargs: Any,
    ) -> None:
        from launch.actions.execute_local import ExecuteLocal

        super().__init__(
            action_matcher=target_action,
            on_event=on_exit,
            target_event_cls=ProcessExited,
            target_action_cls=ExecuteLocal,
            **kwargs,
        )
