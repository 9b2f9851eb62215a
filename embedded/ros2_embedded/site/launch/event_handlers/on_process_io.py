"""Handles the input and output of processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from launch.events.process import ProcessIO
from launch.some_entities_type import SomeEntitiesType

from .on_action_event_base import OnActionEventBase

if TYPE_CHECKING:
    from launch.actions.execute_local import ExecuteLocal

OnIO = Callable[[ProcessIO], SomeEntitiesType | None]


class OnProcessIO(OnActionEventBase):
    """Reacts to what a process writes or is given."""

    def __init__(
        self,
        *,
        target_action: Callable[[Any], bool] | ExecuteLocal | None = None,
        on_stdin: OnIO | None = None,
        on_stdout: OnIO | None = None,
        on_stderr: OnIO | None = None,
        **kwargs: Any,
    ) -> None:
        from launch.actions.execute_local import ExecuteLocal

        reactions = {0: on_stdin, 1: on_stdout, 2: on_stderr}

        def on_io(event: ProcessIO, _: object) -> SomeEntitiesType | None:
            reaction = reactions[event.fd]
            return None if reaction is None else reaction(event)

        super().__init__(
            action_matcher=target_action,
            on_event=on_io,
            target_event_cls=ProcessIO,
            target_action_cls=ExecuteLocal,
            **kwargs,
        )
