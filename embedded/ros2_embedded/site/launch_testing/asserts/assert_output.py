"""Assertions about output."""

from __future__ import annotations

from typing import Any

from launch.actions import ExecuteLocal

from launch_testing.text_match import Expected, build_text_match, remove_ansi_escape_sequences
from launch_testing.util.proc_lookup import resolveProcesses


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
        proc_output,
        process=process,
        cmd_args=cmd_args,
        strict_proc_matching=strict_proc_matching,
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
