"""Handles the completion of actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from launch.events import ExecutionComplete

from .on_action_event_base import OnActionEventBase, Reaction

if TYPE_CHECKING:
    from launch.action import Action


class OnExecutionComplete(OnActionEventBase):
    """Reacts when an action is done."""

    def __init__(
        self,
        *,
        target_action: Callable[[Any], bool] | Action | None = None,
        on_completion: Reaction,
        **kwargs: Any,
    ) -> None:
        from launch.action import Action

        super().__init__(
            action_matcher=target_action,
            on_event=on_completion,
            target_event_cls=ExecutionComplete,
            target_action_cls=Action,
            **kwargs,
        )
