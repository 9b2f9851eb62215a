"""Which processes started, and how they ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from launch.actions import ExecuteLocal
from launch.events.process import ProcessExited, RunningProcessEvent

from .util.proc_lookup import NoMatchingProcessException, resolveProcesses


class ActiveProcInfoHandler:
    """The last start or end of each process; more of them can be waited for."""

    def __init__(self) -> None:
        self._events: dict[ExecuteLocal, Any] = {}
        self._changed = threading.Condition()  # notified with each start and end

    def append(self, process_info: RunningProcessEvent) -> None:
        """Record a start or an end."""
        with self._changed:
            self._events[process_info.action] = process_info
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the last event of each process."""
        return iter(list(self._events.values()))

    def processes(self) -> list[ExecuteLocal]:
        """List the processes that were started."""
        return list(self._events)

    def process_names(self) -> list[str]:
        """List the names of the processes that were started."""
        return [str(event.process_name) for event in self]

    def __getitem__(self, key: str | ExecuteLocal) -> Any:
        """Return the last event of a process. Raises KeyError for an unknown one."""
        if not isinstance(key, str):
            return self._events[key]
        for event in self:
            if key in event.process_name:
                return event
        raise KeyError(key)

    def assertWaitForStartup(
        self, process: ExecuteLocal | str, cmd_args: Any = None, *, timeout: float = 10
    ) -> None:
        """Wait up to `timeout` seconds for a start; raise AssertionError if it does not come."""
        started = self._wait(process, cmd_args, timeout, lambda _: True)
        assert started, f"Timed out waiting for process '{process}' to start"

    def assertWaitForShutdown(
        self, process: ExecuteLocal | str, cmd_args: Any = None, *, timeout: float = 10
    ) -> None:
        """Wait up to `timeout` seconds for an end; raise AssertionError if it does not come."""
        ended = self._wait(
            process, cmd_args, timeout, lambda event: isinstance(event, ProcessExited)
        )
        assert ended, f"Timed out waiting for process '{process}' to finish"

    def _wait(
        self,
        process: ExecuteLocal | str,
        cmd_args: Any,
        timeout: float,
        condition: Callable[[Any], bool],
    ) -> bool:
        """Wait until the last event of a process fulfils a condition."""

        def fulfilled() -> bool:
            try:
                (found,) = resolveProcesses(self, process=process, cmd_args=cmd_args)
            except NoMatchingProcessException:
                return False
            return condition(self._events[found])

        with self._changed:
            return self._changed.wait_for(fulfilled, timeout=timeout)


ProcInfoHandler = ActiveProcInfoHandler
