"""Launches a process from within a test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from launch.actions import ExecuteProcess
from launch.events import IncludeLaunchDescription, matches_action
from launch.events.process import ProcessExited, ProcessStarted, ShutdownProcess
from launch.utilities import ensure_argument_type

from launch import LaunchDescription, LaunchService
from launch_testing.io_handler import ActiveIoHandler
from launch_testing.proc_info_handler import ActiveProcInfoHandler


class WaitResult:
    """Whether something came in time; shows the output that was there when the wait ended."""

    def __init__(self, came: bool, output: str | None) -> None:
        self._came = came
        self._output = output

    def __bool__(self) -> bool:
        """Tell whether it came."""
        return self._came

    def __repr__(self) -> str:
        """Show the output as well, for assertions."""
        return f"<WaitResult({self._came}): {self._output!r}>"


class ProcessProxy:
    """A process that a test launched.

    Raises TypeError for arguments of other types.
    """

    def __init__(
        self,
        process_action: ExecuteProcess,
        proc_info: ActiveProcInfoHandler,
        proc_output: ActiveIoHandler,
        *,
        output_filter: Callable[[str], str] | None = None,
    ) -> None:
        ensure_argument_type(process_action, ExecuteProcess, "process_action")
        ensure_argument_type(proc_info, ActiveProcInfoHandler, "proc_info")
        ensure_argument_type(proc_output, ActiveIoHandler, "proc_output")
        if output_filter is not None and not callable(output_filter):
            raise TypeError(f"output_filter has to be callable, which {output_filter!r} is not")
        self._action = process_action
        self._info = proc_info
        self._output = proc_output
        self._filter = output_filter or (lambda text: text)

    def wait_for_shutdown(self, timeout: float | None = None) -> bool:
        """Wait for the end; tell whether it came within `timeout` seconds."""
        with self._info.proc_event:
            return self._info.proc_event.wait_for(lambda: self.terminated, timeout)

    def wait_for_output(
        self, condition: Callable[[str], Any] | None = None, timeout: float | None = None
    ) -> WaitResult:
        """Wait until the output fulfils a condition; tell whether it came within `timeout` s.

        Raises TypeError for a condition that cannot be called.
        """
        if condition is not None and not callable(condition):
            raise TypeError(f"condition has to be callable, which {condition!r} is not")
        seen: str | None = None

        def fulfilled() -> bool:
            nonlocal seen
            if not (self.running or self.terminated):
                return False
            seen = self.output
            return condition is None or bool(condition(seen))

        with self._output.io_event:
            came = self._output.io_event.wait_for(fulfilled, timeout)
        return WaitResult(came, seen)

    def _text(self, *sources: int) -> str:
        """Return the filtered output of some sources."""
        entries: list[Any] = []
        # A process that has not been started has no output yet.
        with contextlib.suppress(KeyError):
            entries = [entry for entry in self._output[self._action] if entry.fd in sources]
        return self._filter(b"".join(entry.text for entry in entries).decode(errors="replace"))

    @property
    def target_process_action(self) -> ExecuteProcess:
        """The action that runs the process."""
        return self._action

    @property
    def stdout(self) -> str:
        """The standard output so far."""
        return self._text(1)

    @property
    def stderr(self) -> str:
        """The standard error so far."""
        return self._text(2)

    @property
    def output(self) -> str:
        """All output so far."""
        return self._text(1, 2)

    def _last_event(self) -> Any:
        """Return the start or the end of the process; None before either."""
        with contextlib.suppress(KeyError):
            return self._info[self._action]
        return None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return isinstance(self._last_event(), ProcessStarted)

    @property
    def terminated(self) -> bool:
        """Whether the process has ended."""
        return isinstance(self._last_event(), ProcessExited)

    @property
    def exit_code(self) -> int:
        """The exit code. Raises KeyError before the start, AttributeError before the end."""
        return int(self._info[self._action].returncode)


@contextlib.contextmanager
def launch_process(
    launch_service: LaunchService,
    process_action: ExecuteProcess,
    proc_info: ActiveProcInfoHandler,
    proc_output: ActiveIoHandler,
    **kwargs: Any,
) -> Iterator[ProcessProxy]:
    """Launch a process for the time of a with block; keywords go to ProcessProxy."""
    proxy = ProcessProxy(process_action, proc_info, proc_output, **kwargs)
    launch_service.emit_event(IncludeLaunchDescription(LaunchDescription([process_action])))
    try:
        yield proxy
    finally:
        if not proxy.terminated:
            launch_service.emit_event(
                ShutdownProcess(process_matcher=matches_action(process_action))
            )
