"""Assertions about the order of output."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from launch.actions import ExecuteLocal

from launch_testing.util.proc_lookup import resolveProcesses

#: Lines shown before and after the place a search began at.
_LINES_AROUND = 2


class SequentialTextChecker:
    """Looks for texts one after the other in pieces of output; no text spans two pieces."""

    def __init__(self, output: Sequence[str]) -> None:
        self._pieces = list(output)
        self._piece = 0
        self._at = 0

    def assertInText(self, msg: str) -> None:
        """Assert that a text comes after the last one found."""
        start = self._at
        for number in range(self._piece, len(self._pieces)):
            found = self._pieces[number].find(msg, start)
            if found >= 0:
                self._piece, self._at = number, found + len(msg)
                return
            start = 0
        raise AssertionError(
            f"'{msg}' not found in sequence after previous match. The output near the last "
            f"matched line:\n{self.get_nearby_lines()}"
        )

    def assertInStdout(self, msg: str) -> None:
        """Assert that a text comes after the last one found."""
        self.assertInText(msg)

    def get_nearby_lines(self) -> str:
        """Return the line the last match ended in, with those around it."""
        text = "".join(self._pieces)
        reached = sum(map(len, self._pieces[: self._piece])) + self._at
        current = text.count("\n", 0, reached + 1)
        lines = text.splitlines()
        return "\n".join(lines[max(0, current - _LINES_AROUND) : current + _LINES_AROUND + 1])


@contextlib.contextmanager
def assertSequentialStdout(
    proc_output: Any, process: ExecuteLocal | str, cmd_args: Any = None
) -> Iterator[SequentialTextChecker]:
    """Give a checker for the output of one process, of which nodes log to the standard error."""
    (found,) = resolveProcesses(proc_output, process=process, cmd_args=cmd_args)
    yield SequentialTextChecker(
        [entry.text.decode(errors="replace") for entry in proc_output[found]]
    )
