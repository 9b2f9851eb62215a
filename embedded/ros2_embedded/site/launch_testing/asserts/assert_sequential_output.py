"""Assertions about the order of output."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from launch.actions import ExecuteLocal

from launch_testing.util.proc_lookup import resolveProcesses


class SequentialTextChecker:
    """Looks for texts one after the other."""

    def __init__(self, output: Sequence[str]) -> None:
        self._text = "".join(output)
        self._at = 0

    def assertInText(self, msg: str) -> None:
        """Assert that a text comes after the last one found."""
        found = self._text.find(msg, self._at)
        if found < 0:
            nearby = "\n".join(self._text[self._at :].splitlines()[:5])
            raise AssertionError(f"'{msg}' was not found in what follows:\n{nearby}")
        self._at = found + len(msg)

    def assertInStdout(self, msg: str) -> None:
        """Assert that a text comes after the last one found."""
        self.assertInText(msg)


@contextlib.contextmanager
def assertSequentialStdout(
    proc_output: Any, process: ExecuteLocal | str, cmd_args: Any = None
) -> Iterator[SequentialTextChecker]:
    """Give a checker for the standard output of one process."""
    (found,) = resolveProcesses(proc_output, process=process, cmd_args=cmd_args)
    texts = [
        entry.text.decode(errors="replace") for entry in proc_output[found] if entry.from_stdout
    ]
    yield SequentialTextChecker(texts)
