"""Launches a process from within a test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from launch.actions import EmitEvent, ExecuteLocal
from launch.events import matches_action
from launch.events.process import ProcessExited, ShutdownProcess, SignalProcess

from launch import LaunchDescription, LaunchService
from launch_testing.io_handler import ActiveIoHandler
from launch_testing.proc_info_handler import ActiveProcInfoHandler


class ProcessProxy:
    """A process that a test launched."""

    def __init__(
        self,
        process_action: ExecuteLocal,
        proc_info: ActiveProcInfoHandler,
        proc_output: ActiveIoHandler,
        *,
        output_filter: Callable[[str], str] | None = None,
    ) -> None:
        self._action = process_action
        self._info = proc_info
        self._output = proc_output
        self._filter = output_filter or (lambda text: text)

    def wait_for_shutdown(self, timeout: float | None = None) -> bool:
        """Wait for the end; tell whether it came within `timeout` seconds."""
        with self._info.proc_event:
            return self._info.proc_event.wait_for(lambda: self.terminated, timeout)

    def wait_for_output(
        self, condition: Callable[[str], bool] = bool, timeout: float | None = None
    ) -> bool:
        """Wait for output that fulfils a condition; tell whether it came within `timeout` s."""
        with self._output.io_event:
            return self._output.io_event.wait_for(lambda: condition(self.output), timeout)

    def _text(self, *sources: int) -> str:
        """Return the filtered output of some sources."""
        with contextlib.suppress(KeyError):
            entries = [entry for entry in self._output[self._action] if entry.fd in sources]
            return self._filter(b"".join(entry.text for entry in entries).decode(errors="replace"))
        return ""

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

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._action in self._info.processes() and not self.terminated

    @property
    def terminated(self) -> bool:
        """Whether the process has ended."""
        if self._action not in self._info.processes():
            return False
        return isinstance(self._info[self._action], ProcessExited)

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the process runs."""
        if not self.terminated:
            return None
        return int(self._info[self._action].returncode)

    @property
    def _shutdown(self) -> ShutdownProcess:
        return ShutdownProcess(process_matcher=matches_action(self._action))

    def signal_event(self, signal_number: int) -> SignalProcess:
        """Return the request to signal the process."""
        return SignalProcess(
            signal_number=signal_number, process_matcher=matches_action(self._action)
        )


@contextlib.contextmanager
def launch_process(
    launch_service: LaunchService,
    process_action: ExecuteLocal,
    proc_info: ActiveProcInfoHandler,
    proc_output: ActiveIoHandler,
    output_filter: Callable[[str], str] | None = None,
    **_: Any,
) -> Iterator[ProcessProxy]:
    """Launch a process for the time of a with block."""
    proxy = ProcessProxy(process_action, proc_info, proc_output, output_filter=output_filter)
    launch_service.include_launch_description(LaunchDescription([process_action]))
    proc_info.assertWaitForStartup(process_action)
    try:
        yield proxy
    finally:
        if not proxy.terminated:
            launch_service.include_launch_description(
                LaunchDescription([EmitEvent(event=proxy._shutdown)])
            )
            proxy.wait_for_shutdown(timeout=30.0)
