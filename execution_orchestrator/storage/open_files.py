"""The files of a SQLite journal, which may be deleted or replaced while a node has them open.

The operating system keeps a deleted file for the processes that have it open. So SQLite continues
without an error, and everything it writes is lost at the end of the process.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from execution_orchestrator.storage.journal import StorageError

log = logging.getLogger(__name__)


class OpenFiles:
    """The file of a journal and its write-ahead log, as they were when they were opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._log = Path(f"{file}-wal")
        self._known = (_identity(file), _identity(self._log))

    @property
    def untouched(self) -> bool:
        """Whether they still are where they were."""
        return self._known == (_identity(self._file), _identity(self._log))

    def save(self, connection: sqlite3.Connection) -> Path | None:
        """Write all that an open connection sees to the disk again.

        Returns the file that has to take the journal's place once the connection is closed, if the
        journal is gone; what is in the log alone is put into a journal that is there.

        Raises:
            StorageError: another file has the journal's name.
            sqlite3.Error: it cannot be written.

        """
        found = _identity(self._file)
        if found == self._known[0]:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise sqlite3.OperationalError(f"{self._log} is gone, and somebody reads")
            log.warning("%s was deleted or replaced; what was in it is saved", self._log)
            return None
        if found is not None:
            raise StorageError(
                f"the journal {self._file} was replaced by another file while the node runs; "
                "restart the node to use that one"
            )
        saved = Path(f"{self._file}.saved")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        saved.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(saved),))
        log.warning("the journal %s was deleted; it is written anew", self._file)
        return saved

    def put(self, saved: Path) -> None:
        """Let a saved journal take its place; an old log would be read as if it were its own."""
        for name in ("-wal", "-shm"):
            Path(f"{self._file}{name}").unlink(missing_ok=True)
        saved.replace(self._file)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
