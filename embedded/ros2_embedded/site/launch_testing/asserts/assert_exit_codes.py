"""Assertions about the ends of processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from launch.actions import ExecuteLocal
from launch.events.process import ProcessExited

from launch_testing.util.proc_lookup import resolveProcesses

#: As a shell reports the ends of its children. A process that launch starts directly and that a
#: signal ends has the negative number of the signal instead, as in upstream's.
EXIT_OK = 0
EXIT_SIGINT = 130
EXIT_SIGQUIT = 131
EXIT_SIGKILL = 137
EXIT_SIGSEGV = 139


def assertExitCodes(
    proc_info: Any,
    allowable_exit_codes: Sequence[int] = (EXIT_OK,),
    process: ExecuteLocal | str | None = None,
    cmd_args: Any = None,
    *,
    strict_proc_matching: bool = True,
) -> None:
    """Assert that one process, or all, ended with one of some exit codes."""
    if wrong := [code for code in allowable_exit_codes if not isinstance(code, int)]:
        raise AssertionError(f"Provided exit code {wrong[0]!r} is not an int")
    found = resolveProcesses(
        proc_info,
        process=process,
        cmd_args=cmd_args,
        strict_proc_matching=strict_proc_matching,
    )
    allowed = ", ".join(str(int(code)) for code in allowable_exit_codes)
    for action in found:
        event = proc_info[action]
        assert isinstance(event, ProcessExited), f"Proc {event.process_name} has not ended"
        assert event.returncode in allowable_exit_codes, (
            f"Proc {event.process_name} exited with code {event.returncode}, expected {allowed}"
        )
