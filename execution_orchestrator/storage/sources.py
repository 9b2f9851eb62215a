"""Reads the rows of a journal one page at a time, also where some of them cannot be read."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.storage.database import engine_of
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.last_written import LastWritten, Written
from execution_orchestrator.storage.refusals import HEADER, first_line, of_server, size_of

SMALLEST_ROW = 32  # bytes; bounds how many positions a damaged file can have
PROBE = "SELECT seq, data FROM event LIMIT 0"
NEWEST = "SELECT seq FROM event ORDER BY seq DESC LIMIT 1"


class UnreadableError(Exception):
    """Rows that cannot be read; the message is that of the database."""


class Source(Protocol):
    """A journal that may be damaged."""

    place: str

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query with ``:name`` for values; texts may be bytes.

        Raises:
            UnreadableError: one of them cannot be read.

        """

    def damage(self) -> str:
        """Return the result of the database's own integrity check, empty if it found nothing."""

    def end(self) -> int:
        """Return an upper bound of the positions."""

    def written(self) -> Written | None:
        """Return the positions that the writing node has noted, None if there is no note."""

    def close(self) -> None:
        """Close it."""


class FileSource:
    """A file of SQLite."""

    def __init__(self, file: Path) -> None:
        """Open it.

        Raises:
            StorageError: there is nothing to read in it.

        """
        self.place = str(file)
        self._file = file
        if not file.is_file() or not file.stat().st_size:
            raise StorageError(f"there is nothing to read in the journal {file}; restore a backup")
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        try:
            try:
                connection.execute(PROBE).fetchall()
            except sqlite3.DatabaseError:
                connection.close()
                connection = _padded(file)
                connection.execute(PROBE).fetchall()
        except sqlite3.Error as failure:
            connection.close()
            raise StorageError(
                f"nothing can be read of the journal {file}: {failure}; restore a backup"
            ) from failure
        connection.text_factory = bytes  # damaged text must not end the reading
        self._connection = connection

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query, texts as bytes."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as failure:
            raise UnreadableError(str(failure)) from failure

    def damage(self) -> str:
        """Return the first thing that SQLite finds wrong with its file."""
        try:
            verdict: bytes = self.rows("PRAGMA integrity_check(1)")[0][0]
        except UnreadableError as failure:
            return first_line(failure)
        said = " ".join(verdict.decode(errors="replace").split())
        return "" if said == "ok" else said

    def end(self) -> int:
        """Return the newest position, or how many there can be."""
        try:
            newest = self.rows(NEWEST)
        except UnreadableError:
            return self._file.stat().st_size // SMALLEST_ROW
        return int(newest[0][0]) if newest else 0

    def written(self) -> Written | None:
        """Return the content of the file beside it."""
        return LastWritten(self._file).read()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class ServerSource:
    """Tables of PostgreSQL; nothing is changed in them, not even their version."""

    def __init__(self, url: str) -> None:
        """Connect to the database.

        Raises:
            StorageError: the server is not there, or has no journal.

        """
        self._engine = engine_of(url)
        self.place = self._engine.url.render_as_string(hide_password=True)
        try:
            self._connection = self._engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
            there = self._connection.scalar(text("SELECT to_regclass('event')"))
        except SQLAlchemyError as failure:
            self._engine.dispose()
            raise of_server(self.place, failure) from failure
        if there is None:
            self.close()
            raise StorageError(
                f"there is no journal {self.place}; name the database that the node uses"
            )

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            return [tuple(row) for row in self._connection.execute(text(query), values)]
        except SQLAlchemyError as failure:
            with suppress(SQLAlchemyError):
                self._connection.rollback()
            raise UnreadableError(first_line(failure)) from failure

    def damage(self) -> str:
        """Return nothing: what PostgreSQL cannot read shows when every row is read."""
        return ""

    def end(self) -> int:
        """Return the newest position, or how many there can be."""
        try:
            newest = self.rows(NEWEST)
        except UnreadableError:
            return int(self.rows("SELECT pg_total_relation_size('event')")[0][0]) // SMALLEST_ROW
        return int(newest[0][0]) if newest else 0

    def written(self) -> Written | None:
        """Return None: a server says itself what it lost."""
        return None

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
        self._engine.dispose()


def _padded(file: Path) -> sqlite3.Connection:
    """Open a file that was cut short as if its missing pages were empty; else as it is."""
    with file.open("rb") as content:
        expected = size_of(content.read(HEADER))
    missing = expected - file.stat().st_size
    if missing <= 0 or expected <= HEADER:
        return sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    padded = bytearray(file.read_bytes()) + bytes(missing)
    padded[18:20] = b"\x01\x01"  # without a log of its own, which memory does not have
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.deserialize(bytes(padded))
    return connection
