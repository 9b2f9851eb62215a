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

    name = "launch.events.process.RunningProcessEvent"

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
        self.__action = action
        self.__name = name
        self.__cmd = list(cmd)
        self.__cwd = cwd
        self.__env = env
        self.__pid = pid

    @property
    def action(self) -> ExecuteLocal:
        """The action that started the process."""
        return self.__action

    @property
    def process_name(self) -> str:
        """The unique name of the process."""
        return self.__name

    @property
    def cmd(self) -> list[str]:
        """The command line."""
        return self.__cmd

    @property
    def cwd(self) -> str | None:
        """The working directory; None for the launcher's."""
        return self.__cwd

    @property
    def env(self) -> Mapping[str, str] | None:
        """The environment; None for the launcher's."""
        return self.__env

    @property
    def pid(self) -> int:
        """The process id."""
        return self.__pid


class ProcessExited(RunningProcessEvent):
    """A process ended."""

    name = "launch.events.process.ProcessExited"

    def __init__(self, *, returncode: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__returncode = returncode

    @property
    def returncode(self) -> int:
        """The exit code; the negated signal number if a signal ended the process."""
        return self.__returncode


class ProcessIO(RunningProcessEvent):
    """A process wrote something, or something was written to it."""

    name = "launch.events.process.ProcessIO"

    def __init__(self, *, text: bytes, fd: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__text = text
        self.__fd = fd

    @property
    def text(self) -> bytes:
        """The bytes."""
        return self.__text

    @property
    def fd(self) -> int:
        """The file descriptor: 0, 1 or 2."""
        return self.__fd


Matcher = Callable[["ExecuteLocal"], bool]


def matches_action(target_action: Action) -> Matcher:
    """Match the process of one action."""
    return lambda action: action is target_action


def matches_pid(pid: int) -> Matcher:
    """Match the process with an id."""
    return lambda action: (action.process_details or {}).get("pid") == pid


def matches_name(name: str) -> Matcher:
    """Match the process with a unique name."""
    return lambda action: (action.process_details or {}).get("name") == name


def matches_executable(executable: str) -> Matcher:
    """Match processes whose command line begins with a word."""
    return lambda action: ((action.process_details or {}).get("cmd") or [None])[0] == executable


class ProcessStarted(RunningProcessEvent):
    """A process was started."""

    name = "launch.events.process.ProcessStarted"


class ProcessStderr(ProcessIO):
    """A process wrote to its standard error."""

    name = "launch.events.process.ProcessStderr"

    def __init__(self, *, text: bytes, **kwargs: Any) -> None:
        super().__init__(text=text, fd=2, **kwargs)


class ProcessStdout(ProcessIO):
    """A process wrote to its standard output."""

    name = "launch.events.process.ProcessStdout"

    def __init__(self, *, text: bytes, **kwargs: Any) -> None:
        super().__init__(text=text, fd=1, **kwargs)


class ProcessTargetedEvent(Event):
    """Something is asked of the processes that match."""

    name = "launch.events.process.ProcessTargetedEvent"

    def __init__(self, *, process_matcher: Callable[[ExecuteLocal], bool]) -> None:
        self.__process_matcher = process_matcher

    @property
    def process_matcher(self) -> Callable[[ExecuteLocal], bool]:
        """Tells whether a process is meant."""
        return self.__process_matcher


class ShutdownProcess(ProcessTargetedEvent):
    """A process is to be shut down: SIGINT, then SIGTERM, then SIGKILL."""

    name = "launch.events.process.ShutdownProcess"


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


__all__ = [
    "ProcessExited",
    "ProcessIO",
    "ProcessStarted",
    "ProcessStderr",
    "ProcessStdout",
    "ProcessTargetedEvent",
    "RunningProcessEvent",
    "ShutdownProcess",
    "SignalProcess",
    "matches_executable",
    "matches_name",
    "matches_pid",
]
