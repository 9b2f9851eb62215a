"""Handles the start of processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from launch.events.process import ProcessStarted

from .on_action_event_base import OnActionEventBase, Reaction

if TYPE_CHECKING:
    from launch.actions.execute_local import ExecuteLocal


class OnProcessStart(OnActionEventBase):
    """Reacts when a process was started."""

    def __init__(
        self,
        *,
        target_action: Callable[[Any], bool] | ExecuteLocal | None = None,
        on_start: Reaction,
        **kwargs: Any,
    ) -> None:
        from launch.actions.execute_local import ExecuteLocal

        super().__init__(
            action_matcher=target_action,
            on_event=on_start,
            target_event_cls=ProcessStarted,
            target_action_cls=ExecuteLocal,
            **kwargs,
        )
