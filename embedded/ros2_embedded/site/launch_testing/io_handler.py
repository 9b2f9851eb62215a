"""What processes wrote."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from launch.actions import ExecuteLocal
from launch.events.process import ProcessIO

from .asserts import assertInStream
from .util.proc_lookup import NoMatchingProcessException, resolveProcesses


class ActiveIoHandler:
    """The recorded output of processes, in order; more of it can be waited for."""

    def __init__(self) -> None:
        self._all: list[ProcessIO] = []
        self._by_name: dict[str, list[ProcessIO]] = {}
        self._changed = threading.Condition()  # notified with each output

    def track(self, process_name: str) -> None:
        """Note a process that may not have written anything yet."""
        with self._changed:
            self._by_name.setdefault(process_name, [])
            self._changed.notify_all()

    def append(self, process_io: ProcessIO) -> None:
        """Record output."""
        with self._changed:
            self._all.append(process_io)
            self._by_name.setdefault(process_io.process_name, []).append(process_io)
            self._changed.notify_all()

    def __iter__(self) -> Iterator[ProcessIO]:
        """Iterate over the output of all processes so far."""
        with self._changed:
            return iter(list(self._all))

    def processes(self) -> list[ExecuteLocal]:
        """List the processes that have written something."""
        with self._changed:
            return [entries[0].action for entries in self._by_name.values() if entries]

    def process_names(self) -> list[str]:
        """List the names of the processes."""
        with self._changed:
            return list(self._by_name)

    def __getitem__(self, key: str | ExecuteLocal) -> list[ProcessIO]:
        """Return the output of a process so far. Raises KeyError for an unknown one."""
        if isinstance(key, ExecuteLocal):
            key = str((key.process_details or {}).get("name"))
        with self._changed:
            return list(self._by_name[key])

    def assertWaitFor(self, *args: Any, **kwargs: Any) -> None:
        """Wait as waitFor() does; raise AssertionError if the output does not come."""
        assert self.waitFor(*args, **kwargs), "Waiting for output timed out"

    def waitFor(
        self,
        expected_output: Any,
        process: ExecuteLocal | str | None = None,
        cmd_args: Any = None,
        *,
        strict_proc_matching: bool = True,
        output_filter: Any = None,
        timeout: float = 10,
        strip_ansi_escape_sequences: bool = True,
        stream: str = "stderr",
    ) -> bool:
        """Wait up to `timeout` seconds for output; tell whether it came.

        Raises NoMatchingProcessException if no process of that name ever wrote anything.
        """

        def found() -> bool:
            try:
                assertInStream(
                    self,
                    expected_output,
                    process,
                    cmd_args,
                    output_filter=output_filter,
                    strict_proc_matching=strict_proc_matching,
                    strip_ansi_escape_sequences=strip_ansi_escape_sequences,
                    stream=stream,
                )
            except (NoMatchingProcessException, AssertionError):
                return False
            return True

        with self._changed:
            if self._changed.wait_for(found, timeout=timeout):
                return True
        # A name that matches nothing is a mistake in the test; say so rather than "timed out".
        resolveProcesses(self, process=process, cmd_args=cmd_args, strict_proc_matching=False)
        return False


IoHandler = ActiveIoHandler
