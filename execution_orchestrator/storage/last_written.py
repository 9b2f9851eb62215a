"""The newest position of a journal, and the one it is complete from, in a file of the node.

Events that SQLite has confirmed are in the write-ahead log until it moves them into the journal. If
the log is deleted after the node died, the journal is consistent but older, and does not show that
its newest events are missing; the same after a crash of PostgreSQL or with an older backup. A
missing row does not show either whether it was lost, because the node itself deletes the history of
old executions. (Gaps between events are looked for in SQLite only.)
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)
SUFFIX = "-last"
SIZE = 8  # bytes of a position
MOST = 2**48  # events; more is no position


class Written(NamedTuple):
    """What is known of a journal: its newest event, and from where on none was ever deleted."""

    newest: int
    whole_after: int


class LastWritten:
    """The position of the newest event that was written to a journal, whatever becomes of it.

    It survives the death of the process. Where it cannot be kept the journal works without it.
    """

    def __init__(self, journal: Path) -> None:
        self._file = Path(f"{journal}{SUFFIX}")
        self._handle: int | None = None
        self._warned = False

    def read(self) -> Written | None:
        """Return what is known, None if nothing is.

        Earlier releases noted the newest event alone: what came before that may have gaps.
        """
        try:
            content = self._file.read_bytes()
        except OSError:
            return None
        if len(content) not in (SIZE, 2 * SIZE):
            return None
        newest = int.from_bytes(content[:SIZE], "little")
        whole_after = int.from_bytes(content[SIZE:], "little") if content[SIZE:] else newest
        return Written(newest, whole_after) if max(newest, whole_after) < MOST else None

    def note(self, written: Written, *, safely: bool = False) -> None:
        """Write it down; ``safely``: so that it survives a power cut, too."""
        try:
            if self._handle is None:
                self._handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o666)
            os.pwrite(self._handle, b"".join(one.to_bytes(SIZE, "little") for one in written), 0)
            if safely:
                os.fsync(self._handle)
        except OSError as failure:
            if not self._warned:
                log.warning("%s cannot be written: %s", self._file, failure.strerror)
            self._warned = True

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = None
