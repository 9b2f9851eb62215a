"""The request to signal a process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from .process_targeted_event import ProcessTargetedEvent

if TYPE_CHECKING:
    from launch.actions.execute_local import ExecuteLocal


class SignalProcess(ProcessTargetedEvent):
    """A signal is to be sent to a process."""

    name = "launch.events.process.SignalProcess"

    def __init__(
        self,
        *,
        signal_number: str | int | signal.Signals,
        process_matcher: Callable[[ExecuteLocal], bool],
    ) -> None:
        super().__init__(process_matcher=process_matcher)
        if isinstance(signal_number, str):
            self.__signal = signal.Signals[signal_number]
        else:
            self.__signal = signal.Signals(signal_number)

    @property
    def signal(self) -> signal.Signals:
        """The signal."""
        return self.__signal

    @property
    def signal_name(self) -> str:
        """The signal's name, such as SIGINT."""
        return self.__signal.name
