"""Assertions about processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from launch.actions import ExecuteLocal
from launch.events.process import ProcessExited

from launch_testing.text_match import Expected, build_text_match, remove_ansi_escape_sequences
from launch_testing.util.proc_lookup import NO_CMD_ARGS, resolveProcesses  # noqa: F401

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
        proc_info, process=process, cmd_args=cmd_args, strict_proc_matching=strict_proc_matching
    )
    allowed = ", ".join(str(int(code)) for code in allowable_exit_codes)
    for action in found:
        event = proc_info[action]
        assert isinstance(event, ProcessExited), f"Proc {event.process_name} has not ended"
        assert event.returncode in allowable_exit_codes, (
            f"Proc {event.process_name} exited with code {event.returncode}, expected {allowed}"
        )


def assertInStream(
    proc_output: Any,
    expected_output: Expected,
    process: ExecuteLocal | str | None,
    cmd_args: Any = None,
    *,
    output_filter: Any = None,
    strict_proc_matching: bool = True,
    strip_ansi_escape_sequences: bool = True,
    stream: str = "stderr",
) -> None:
    """Assert that a process, or any if None, wrote something to `stdout` or `stderr`."""
    if stream not in ("stdout", "stderr"):
        raise ValueError(f"stream is '{stream}': it must be 'stdout' or 'stderr'")
    if output_filter is not None and not callable(output_filter):
        raise ValueError("output_filter is not callable")
    found = resolveProcesses(
        proc_output, process=process, cmd_args=cmd_args, strict_proc_matching=strict_proc_matching
    )
    match = build_text_match(expected_output)
    source = 1 if stream == "stdout" else 2
    for action in found:
        data = b"".join(entry.text for entry in proc_output[action] if entry.fd == source)
        text = data.decode(errors="replace")
        if strip_ansi_escape_sequences:
            text = remove_ansi_escape_sequences(text)
        if output_filter is not None:
            text = output_filter(text)
        if match(text) is not None:
            return
    names = ", ".join(sorted((action.process_details or {})["name"] for action in found))
    raise AssertionError(
        f"Did not find '{expected_output}' in {stream} for any of the matching processes: {names}"
    )


def assertInStdout(
    proc_output: Any,
    expected_output: Expected,
    process: ExecuteLocal | str | None,
    cmd_args: Any = None,
    **kwargs: Any,
) -> None:
    """Assert that a process, or any if None, wrote something to its standard output."""
    assertInStream(proc_output, expected_output, process, cmd_args, stream="stdout", **kwargs)


def assertInStderr(
    proc_output: Any,
    expected_output: Expected,
    process: ExecuteLocal | str | None,
    cmd_args: Any = None,
    **kwargs: Any,
) -> None:
    """Assert that a process, or any if None, wrote something to its standard error."""
    assertInStream(proc_output, expected_output, process, cmd_args, stream="stderr", **kwargs)


def assertDefaultStream() -> str:
    """Return the stream that is looked at if none is given."""
    return "stderr"
