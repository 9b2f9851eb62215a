"""Runs a test program."""

from __future__ import annotations

from typing import Any

from launch.actions import EmitEvent, ExecuteProcess, RegisterEventHandler, TimerAction
from launch.event_handlers import OnProcessExit
from launch.events import matches_action
from launch.events.process import ShutdownProcess
from launch.launch_context import LaunchContext


class Test(ExecuteProcess):
    """Runs a program that is shut down when it takes longer than `timeout` seconds.

    It has `kill_timeout` seconds to obey SIGINT, and as many again to obey SIGTERM.
    """

    __test__ = False

    def __init__(
        self, *, timeout: Any = None, kill_timeout: float | str = 5.0, **kwargs: Any
    ) -> None:
        kwargs.setdefault("sigterm_timeout", str(kill_timeout))
        kwargs.setdefault("sigkill_timeout", str(kill_timeout))
        super().__init__(**kwargs)
        self.__timeout = timeout

    @property
    def timeout(self) -> Any:
        """How many seconds the program may take; None for ever."""
        return self.__timeout

    def execute(self, context: LaunchContext) -> list[Any] | None:
        """Start the program, and the clock."""
        entities = super().execute(context)
        if self.__timeout is None:
            return entities
        shutdown = EmitEvent(event=ShutdownProcess(process_matcher=matches_action(self)))
        timer = TimerAction(period=self.__timeout, actions=[shutdown])
        in_time = OnProcessExit(target_action=self, on_exit=lambda *_: timer.cancel())
        return [*(entities or []), RegisterEventHandler(in_time), timer]
