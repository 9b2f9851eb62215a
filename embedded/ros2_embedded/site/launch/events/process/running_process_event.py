"""The base of events about a process that was started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from launch.event import Event

if TYPE_CHECKING:
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
    def execute_process_action(self) -> ExecuteLocal:
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
