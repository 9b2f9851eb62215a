"""Processes that a test starts, and that never outlive it."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

PATIENCE = 60.0  # seconds that a process has to end by itself


@contextlib.contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process with text pipes; at the end of the block it has ended.

    It is waited for there, and killed if the block raises or it does not end: `Popen` as a context
    waits without an end for a process that goes on, also after a test has failed.
    """
    process = subprocess.Popen(command, text=True, **options)
    try:
        yield process
        process.wait(PATIENCE)
    finally:
        process.kill()
        with process:
            pass
