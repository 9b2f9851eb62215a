"""How far a SQLite journal was written, in a file of its own beside it.

What SQLite has confirmed is in the write-ahead log until it is moved into the journal itself. A log
that somebody deletes after the node died leaves a journal that is whole, only older: nothing in it
shows that the newest events are gone.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
SUFFIX = "-last"
SIZE = 8  # bytes
MOST = 2**48  # events; more is no position


class LastWritten:
    """The position of the newest event that was written to a journal, whatever becomes of it.

    It survives the death of the process. Where it cannot be kept the journal works without it.
    """

    def __init__(self, journal: Path) -> None:
        self._file = Path(f"{journal}{SUFFIX}")
        self._handle: int | None = None
        self._told = False

    def read(self) -> int:
        """Return the position, 0 if it is not known."""
        try:
            content = self._file.read_bytes()
        except OSError:
            return 0
        position = int.from_bytes(content, "little")
        return position if len(content) == SIZE and position < MOST else 0

    def note(self, position: int) -> None:
        """Write the position down."""
        try:
            if self._handle is None:
                self._handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o666)
            os.pwrite(self._handle, position.to_bytes(SIZE, "little"), 0)
        except OSError as failure:
            if not self._told:
                log.warning("%s cannot be written: %s", self._file, failure.strerror)
            self._told = True

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = None
