"""The event of input or output of a process."""

from typing import Any

from .running_process_event import RunningProcessEvent


class ProcessIO(RunningProcessEvent):
    """A process wrote something, or something was written to it."""

    name = "launch.events.process.ProcessIO"

    def __init__(self, *, text: bytes, fd: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__text = text
        self.__fd = fd
        self.__from_stdin = fd == 0
        self.__from_stdout = fd == 1
        self.__from_stderr = fd == 2

    @property
    def text(self) -> bytes:
        """The bytes."""
        return self.__text

    @property
    def fd(self) -> int:
        """The file descriptor: 0, 1 or 2."""
        return self.__fd

    @property
    def from_stdin(self) -> bool:
        """Whether it was written to the process."""
        return self.__from_stdin

    @property
    def from_stdout(self) -> bool:
        """Whether the process wrote it as ordinary output."""
        return self.__from_stdout

    @property
    def from_stderr(self) -> bool:
        """Whether the process wrote it as error output."""
        return self.__from_stderr
