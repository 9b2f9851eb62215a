"""Assertions about the ends of processes."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from launch.actions import ExecuteLocal
from launch.events.process import ProcessExited

from launch_testing.util.proc_lookup import resolveProcesses

EXIT_OK = 0
EXIT_SIGINT = -signal.SIGINT
EXIT_SIGQUIT = -signal.SIGQUIT
EXIT_SIGABRT = -signal.SIGABRT
EXIT_SIGKILL = -signal.SIGKILL
EXIT_SIGSEGV = -signal.SIGSEGV
EXIT_SIGTERM = -signal.SIGTERM


def assertExitCodes(
    proc_info: Any,
    allowable_exit_codes: Sequence[int] = (EXIT_OK,),
    process: ExecuteLocal | str | None = None,
    cmd_args: Any = None,
    *,
    strict_proc_matching: bool = True,
) -> None:
    """Assert that one process, or all, ended with one of some exit codes."""
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
