"""What holds for every test that starts processes: none outlives its module."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """End what the tests of a module left running, also where one failed half-way, and name it."""
    before = set(children())
    yield
    left = {pid: command for pid, command in children().items() if pid not in before}
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"these processes were left running: {list(left.values())}"


def children() -> dict[int, str]:
    """Return the command line of each process that this one has started and that still runs."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold spaces: "12 (a b) S 1 ...".
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            command = status.with_name("cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        if int(parent) == os.getpid() and state != "Z":
            found[int(status.parent.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found
