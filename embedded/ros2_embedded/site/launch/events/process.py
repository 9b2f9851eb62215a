"""What can happen to a process, and what can be asked of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from launch.event import Event

if TYPE_CHECKING:
    from launch.action import Action
    from launch.actions.execute_local import ExecuteLocal


class RunningProcessEvent(Event):
    """Something happened to a process."""

    def __init__(
        self,
        *,
        action: ExecuteLocal,
        name: str,
        cmd: Sequence[str],
        cwd: str | None,
        env: Mapping[str, str] | None,
        pid: int,
    ) -> None:
        self.action = action
        self.__name = name
        self.cmd = list(cmd)
        self.cwd = cwd
        self.env = env
        self.pid = pid

    @property
    def process_name(self) -> str:
        """The unique name of the process."""
        return self.__name


class ProcessExited(RunningProcessEvent):
    """A process ended."""

    def __init__(self, *, returncode: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.returncode = returncode


class ProcessIO(RunningProcessEvent):
    """A process wrote something, or something was written to it."""

    def __init__(self, *, text: bytes, fd: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text
        self.fd = fd


Matcher = Callable[["ExecuteLocal"], bool]


def matches_action(target_action: Action) -> Matcher:
    """Match the process of one action."""
    return lambda action: action is target_action


class ProcessStarted(RunningProcessEvent):
    """A process was started."""


class ProcessStderr(ProcessIO):
    """A process wrote to its standard error."""

    def __init__(self, *, text: bytes, **kwargs: Any) -> None:
        super().__init__(text=text, fd=2, **kwargs)


class ProcessStdout(ProcessIO):
    """A process wrote to its standard output."""

    def __init__(self, *, text: bytes, **kwargs: Any) -> None:
        super().__init__(text=text, fd=1, **kwargs)


class ProcessTargetedEvent(Event):
    """Something is asked of the processes that match."""

    def __init__(self, *, process_matcher: Callable[[ExecuteLocal], bool]) -> None:
        self.process_matcher = process_matcher


class ShutdownProcess(ProcessTargetedEvent):
    """A process is to be shut down: SIGINT, then SIGTERM, then SIGKILL."""


class SignalProcess(ProcessTargetedEvent):
    """A signal is to be sent to a process."""

    def __init__(
        self,
        *,
        signal_number: str | int | signal.Signals,
        process_matcher: Callable[[ExecuteLocal], bool],
    ) -> None:
        super().__init__(process_matcher=process_matcher)
        if isinstance(signal_number, str):
            self.signal = signal.Signals[signal_number]
        else:
            self.signal = signal.Signals(signal_number)

    @property
    def signal_name(self) -> str:
        """The signal's name, such as SIGINT."""
        return self.signal.name
