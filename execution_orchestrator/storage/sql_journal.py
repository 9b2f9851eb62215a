"""The journal in SQLite and in PostgreSQL: one table of events, written through SQLAlchemy."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from sqlalchemy import and_, delete, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from execution_orchestrator.engine.events import Event, ExecutionForgotten
from execution_orchestrator.storage import execution_table
from execution_orchestrator.storage.database import Database
from execution_orchestrator.storage.execution_table import OpenExecutions
from execution_orchestrator.storage.journal import (
    HistoryEntry,
    HistoryPage,
    Journal,
    JournalEntry,
    KnownNames,
    LivePart,
    Missing,
    RunQuery,
    StorageError,
)
from execution_orchestrator.storage.last_written import LastWritten, Written
from execution_orchestrator.storage.live_part import live_rows
from execution_orchestrator.storage.open_files import OpenFiles
from execution_orchestrator.storage.reading import read_event
from execution_orchestrator.storage.refusals import CHECK, REPAIR
from execution_orchestrator.storage.rows import (
    ROW,
    Contents,
    Row,
    drop_contents,
    row_of,
    rows_of,
    write_contents,
)
from execution_orchestrator.storage.schema import COMMANDS
from execution_orchestrator.storage.schema import event as event_table
from execution_orchestrator.storage.schema import pruned as pruned_table

BATCH = 2000  # rows read at once
DELETED_AT_ONCE = 500  # rows; a few milliseconds
PAGES_AT_ONCE = 200
LOCKED_AT_MOST = 300  # milliseconds that the node waits for another program with the file
NEWEST_KEPT = 5000  # events; PostgreSQL writes to disk within 0.6 s
_INSERT = f"INSERT INTO event ({', '.join(Row._fields)}) VALUES (?, ?, ?, ?, ?, ?)"


log = logging.getLogger(__name__)


class SqlJournal(Journal):
    """What both databases have in common."""

    _cure: ClassVar[str]
    _kept: ClassVar[int] = 0  # newest events that a database may lose after it confirmed them

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.engine.connect()
        self._last = int(
            self._connection.execute(select(func.max(event_table.c.seq))).scalar() or 0
        )
        self._open = OpenExecutions(self._connection)
        self._contents = Contents(database.engine.connect)
        self._doubtful: Sequence[Event] = ()  # of the append that failed last
        self._newest: deque[tuple[int, Event]] = deque(maxlen=self._kept)
        self._last_written = LastWritten(database.file)
        written = self._last_written.read() or Written(self._last, self._last)
        self._whole_after = written.whole_after
        self._missing = self._look_for_missing(written)
        self._connection.rollback()

    @property
    def last_sequence(self) -> int:
        """Position of the newest event."""
        return self._last

    @property
    def missing(self) -> Missing:
        """What was there once and was not when it was opened."""
        return self._missing

    def _look_for_missing(self, written: Written) -> Missing:
        return Missing(newest=max(0, written.newest - self._last))

    def append(self, events: Sequence[Event]) -> int:
        """Write events in one transaction; they are durable when this returns.

        Returns the sequence number of the first one.

        Raises:
            StorageError: they could not be written; then none of them was.

        """
        first = self._last + 1
        self._doubtful = events
        known = self._open.ids
        marked = any(
            type(e) in execution_table.MARKS or e.execution_id not in known for e in events
        )
        if not marked:
            for event in events:
                self._open.facts.note(event)
        try:
            known = self._write(events, first, marked=marked)
        except DBAPIError as failure:
            if not failure.connection_invalidated:
                raise self._failed(failure) from failure
            # The server went away, perhaps only for a moment, perhaps after it had written.
            try:
                if self.recover():
                    return first
                known = self._write(events, first, marked=marked)
            except SQLAlchemyError as again:
                raise self._failed(again) from again
        except (SQLAlchemyError, sqlite3.Error) as failure:
            raise self._failed(failure) from failure
        self._open.ids = known
        self._last += len(events)
        self._doubtful = ()
        self._newest.extend(enumerate(events, first))
        self._last_written.note(Written(self._last, self._whole_after))
        return first

    def _write(self, events: Sequence[Event], first: int, *, marked: bool) -> set[str]:
        """Write events in one transaction; returns the executions that are open afterwards."""
        known = self._open.ids
        written = [row_of(sequence, event) for sequence, event in enumerate(events, first)]
        self._insert([row for row, _ in written])
        parts = [(row.seq, large) for row, large in written if large]
        if parts:
            write_contents(self._connection, parts)
        if marked:
            known = self._open.note(self._connection, enumerate(events, first))
        if self._connection.in_transaction():
            self._connection.commit()
        else:
            self._connection.connection.commit()
        return known

    def look(self) -> None:
        """See whether the database is there again; may take some seconds, from any thread.

        Raises:
            StorageError: it is not.

        """
        try:
            self._database.look()
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure

    def recover(self) -> int:
        """Reconnect after a failure, and take the locks again.

        A database that went away while it committed may have written the events all the same.
        Returns the position of the first of them if they are there, 0 if they are not.

        Raises:
            StorageError: the database is still not there, or another node wrote to it.

        """
        table = event_table.c
        try:
            with suppress(SQLAlchemyError, sqlite3.Error):
                self._connection.invalidate()
            self._connection.close()
            self._database.renew()
            self._connection = self._database.engine.connect()
            self._write_what_is_lost()
            found = self._connection.execute(
                select(*ROW).where(table.seq > self._last).order_by(table.seq)
            ).all()
            self._open = OpenExecutions(self._connection)
            self._connection.rollback()
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure
        if not found:
            return 0
        first = self._last + 1
        doubtful = [row_of(at, event)[0] for at, event in enumerate(self._doubtful, first)]
        if [tuple(row) for row in found] != doubtful:
            raise StorageError(
                f"another orchestrator has written to the journal {self._database.place}; "
                "stop it, or this one: only a restart can tell what is true"
            )
        self._last += len(found)
        self._newest.extend(enumerate(self._doubtful, first))
        self._doubtful = ()
        return first

    def _write_what_is_lost(self) -> None:
        """Write the events again that a database lost in a crash after it had confirmed them."""
        last = int(self._connection.scalar(select(func.max(event_table.c.seq))) or 0)
        self._open = OpenExecutions(self._connection)
        self._connection.rollback()
        lost = [event for sequence, event in self._newest if sequence > last]
        if len(lost) != max(0, self._last - last):
            raise StorageError(
                f"the journal {self._database.place} has lost what it had confirmed, from event "
                f"{last + 1} on: restart the node, which then knows no more than its journal"
            )
        if lost:
            log.warning("%d events that the database lost in a crash are written again", len(lost))
            self._open.ids = self._write(lost, last + 1, marked=True)

    def _failed(self, failure: Exception) -> StorageError:
        self._take_back()
        return self._unwritable(failure)

    def _unwritable(self, failure: Exception) -> StorageError:
        reason = str(getattr(failure, "orig", None) or failure).splitlines()[0]
        return StorageError(
            f"the journal {self._database.place} cannot be written: {reason}; "
            f"{self._cure}, and the node goes on by itself"
        )

    def _take_back(self) -> None:
        # The first failure is the one to report, not that the rollback failed too.
        with suppress(SQLAlchemyError, sqlite3.Error):
            self._connection.connection.rollback()
        with suppress(SQLAlchemyError, sqlite3.Error):
            self._connection.rollback()

    def does_not_follow(self, entry: JournalEntry) -> StorageError:
        """Return the error for an event that contradicts those before it."""
        return StorageError(
            f"event {entry.sequence} of the journal {self._database.place} "
            f"({type(entry.event).type}) does not follow from those before it; `{CHECK}` lists all "
            f"such events, and `{REPAIR}` saves the others; or restore a backup"
        )

    def _entry(self, row: Sequence[Any]) -> JournalEntry:
        return JournalEntry(row[0], read_event(self._database.place, row, self._contents))

    def read(
        self, *, execution_id: str = "", after: int = 0, limit: int = 0
    ) -> Iterator[JournalEntry]:
        """Yield events with a sequence above ``after``, oldest first.

        Raises:
            StorageError: one of them is damaged, or a newer version wrote it.

        """
        table = event_table.c
        left = limit or None
        query = select(*ROW).order_by(table.seq)
        with self._database.engine.connect() as connection:
            for first, last, name in connection.execute(select(pruned_table)):
                query = query.where(
                    ~and_(table.execution_id == name, table.seq.between(first, last))
                )
        if execution_id:
            entry = self.find(execution_id)
            if entry is None:
                return
            after = max(after, entry.first - 1)
            query = query.where(table.execution_id == execution_id)
            if entry.last is not None:
                query = query.where(table.seq <= entry.last)
        while left is None or left > 0:
            page = min(BATCH, left or BATCH)
            with self._database.engine.connect() as connection:
                rows = rows_of(connection, query.where(table.seq > after).limit(page))
            for row in rows:
                yield self._entry(row)
                after = row[0]
            if left is not None:
                left -= len(rows)
            if len(rows) < page:
                return

    def live_part(self) -> LivePart:
        """Return the events of unfinished and of the newest ended executions, and what is kept.

        Raises:
            StorageError: it cannot be read.

        """
        try:
            live = live_rows(self._database.engine, self._last)
            entries = [self._entry(row) for row in live.rows]
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure
        # An execution that was taken up again was left out only for a while.
        return LivePart(
            live.ended,
            [
                entry
                for entry in entries
                if type(entry.event) is not ExecutionForgotten
                or entry.event.execution_id not in live.going_on
            ],
        )

    def of_execution(self, execution_id: str) -> list[JournalEntry]:
        """Return the events of one execution, oldest first.

        Raises:
            StorageError: they cannot be read.

        """
        try:
            return list(self.read(execution_id=execution_id))
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure

    def read_own(self) -> Iterator[JournalEntry]:
        """Yield the events of the orchestrator as a whole, which belong to no execution."""
        table = event_table.c
        query = select(*ROW).where(table.execution_id == "").order_by(table.seq)
        with self._database.engine.connect() as connection:
            for row in connection.execute(query):
                yield self._entry(row)

    def history(self, *, limit: int = 0) -> list[HistoryEntry]:
        """Return what is known of every execution in the journal, newest first; 0: of all."""
        with self._database.engine.connect() as connection:
            return execution_table.read_history(connection, limit=limit)

    def page(
        self,
        *,
        since: float,
        ended: Sequence[str],
        others: Sequence[str],
        everything: bool,
        offset: int,
        limit: int,
    ) -> HistoryPage:
        """Return a page of the executions; see `Journal.page`."""
        try:
            with self._database.engine.connect() as connection:
                return execution_table.read_page(
                    connection,
                    since=since,
                    ended=ended,
                    others=others,
                    everything=everything,
                    offset=offset,
                    limit=limit,
                )
        except SQLAlchemyError as failure:
            raise self._failed(failure) from failure

    def ended_since(self, since: float) -> list[HistoryEntry]:
        """Return the executions that ended after ``since`` (Unix seconds), the last one first."""
        with self._database.engine.connect() as connection:
            return execution_table.ended_since(connection, since)

    def count_ended(self) -> dict[str, int]:
        """Return how many executions of the journal ended with each status."""
        with self._database.engine.connect() as connection:
            return execution_table.count_ended(connection)

    def search(self, query: RunQuery, *, offset: int, limit: int) -> HistoryPage:
        """Return a page of the executions that a query means."""
        try:
            with self._database.engine.connect() as connection:
                return execution_table.search(connection, query, offset=offset, limit=limit)
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure

    def known_names(self) -> KnownNames:
        """Return the capabilities, error codes and robots of all runs that ended."""
        try:
            with self._database.engine.connect() as connection:
                return execution_table.known_names(connection)
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure

    def find(self, execution_id: str) -> HistoryEntry | None:
        """Return the entry of one execution, None if the journal has none of that id."""
        with self._database.engine.connect() as connection:
            return execution_table.find(connection, execution_id)

    def newest(
        self, *, execution_id: str = "", before: int = 0, limit: int = BATCH
    ) -> list[JournalEntry]:
        """Return the last events with a sequence below ``before`` (0: of all), oldest first."""
        table = event_table.c
        query = select(*ROW).order_by(table.seq.desc()).limit(limit)
        if before:
            query = query.where(table.seq < before)
        if execution_id:
            entry = self.find(execution_id)
            if entry is None:
                return []
            query = query.where(table.execution_id == execution_id, table.seq >= entry.first)
            if entry.last is not None:
                query = query.where(table.seq <= entry.last)
        with self._database.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [self._entry(row) for row in reversed(rows)]

    def commands(self, *, before: int = 0, limit: int = 500) -> list[JournalEntry]:
        """Return the commands given at positions below ``before`` (0: all), newest first."""
        table = event_table.c
        query = select(*ROW).where(text(COMMANDS))
        if before:
            query = query.where(table.seq < before)
        try:
            with self._database.engine.connect() as connection:
                rows = connection.execute(query.order_by(table.seq.desc()).limit(limit)).all()
        except SQLAlchemyError as failure:
            raise self._unwritable(failure) from failure
        return [self._entry(row) for row in rows]

    def executions(self, *, limit: int = 1000) -> list[str]:
        """Return the ids of the executions in the journal, newest first."""
        return [entry.execution_id for entry in self.history(limit=limit)]

    def delete_some(self, sequences: Sequence[int] = ()) -> bool:
        """Delete a batch of pruned events, and these of the node itself.

        Called repeatedly with small batches, so that writers do not wait long; returns whether
        more are left.

        Raises:
            StorageError: it could not be deleted.

        """
        try:
            with self._connection.begin():
                more = self._delete_some(sequences)
        except SQLAlchemyError as failure:
            raise StorageError(
                f"the journal {self._database.place} cannot be shortened: {failure}"
            ) from failure
        return more

    def _delete_some(self, sequences: Sequence[int]) -> bool:
        event = event_table.c
        if sequences:
            self._has_gaps_up_to(max(sequences))
            self._connection.execute(
                delete(event_table).where(event.execution_id == "", event.seq.in_(sequences))
            )
            drop_contents(self._connection, sequences)
        part = self._connection.execute(select(pruned_table).limit(1)).first()
        if part is None:
            return False
        self._has_gaps_up_to(part.last)
        rows = self._connection.scalars(
            select(event.seq)
            .where(event.execution_id == part.execution_id)
            .where(event.seq.between(part.first, part.last))
            .limit(DELETED_AT_ONCE)
        ).all()
        self._connection.execute(delete(event_table).where(event.seq.in_(rows)))
        drop_contents(self._connection, rows)
        if len(rows) < DELETED_AT_ONCE:
            self._connection.execute(delete(pruned_table).where(pruned_table.c.first == part.first))
        return True

    def _has_gaps_up_to(self, position: int) -> None:
        """Note that events up to here are going to be deleted."""

    def _insert(self, rows: list[Row]) -> None:
        self._connection.execute(event_table.insert(), [row._asdict() for row in rows])

    def give_back_space(self) -> bool:
        """Return a batch of free pages to the file system; returns whether more are left."""
        return False

    def close(self) -> None:
        """Give the connection back."""
        self._last_written.close()
        self._connection.close()


class SqliteJournal(SqlJournal):
    """The journal in a file."""

    _cure = "free space or repair the disk"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._opened()

    def _look_for_missing(self, written: Written) -> Missing:
        newest = super()._look_for_missing(written).newest
        seq, after = event_table.c.seq, written.whole_after
        there = int(self._connection.scalar(select(func.count()).where(seq > after)) or 0)
        within = max(0, self._last - after - there)
        first = 0
        if within:
            before = func.lag(seq, 1, after).over(order_by=seq).label("before")
            steps = select(seq, before).where(seq > after).subquery()
            gap = select(func.min(steps.c.before)).where(steps.c.seq > steps.c.before + 1)
            first = int(self._connection.scalar(gap) or 0) + 1
        return Missing(newest, within, first)

    def append(self, events: Sequence[Event]) -> int:
        """Write events; what was deleted under the node is put back first."""
        if not self._files.untouched:
            self._doubtful = events
            self._put_back()
        return super().append(events)

    def _has_gaps_up_to(self, position: int) -> None:
        if position > self._whole_after:
            self._whole_after = self._last
            # A gap of which this is not known would be called a loss.
            self._last_written.note(Written(self._last, self._whole_after), safely=True)

    def recover(self) -> int:
        """Reconnect after a failure."""
        found = super().recover()
        self._opened()
        return found

    def _opened(self) -> None:
        self._files = OpenFiles(self._database.file)
        # This blocks the node's loop, which has to be able to handle an emergency stop.
        self._connection.connection.cursor().execute(f"PRAGMA busy_timeout={LOCKED_AT_MOST}")

    def _put_back(self) -> None:
        """Save what only this process still has of files that were deleted or replaced.

        Raises:
            StorageError: it cannot be saved.

        """
        try:
            opened: Any = self._connection.connection.driver_connection
            saved = self._files.save(opened)
            self._connection.close()
            self._database.renew()
            if saved is not None:
                self._files.put(saved)
            self._connection = self._database.engine.connect()
        except (SQLAlchemyError, sqlite3.Error, OSError) as failure:
            raise self._failed(failure) from failure
        self._open = OpenExecutions(self._connection)
        self._connection.rollback()
        self._opened()

    def _insert(self, rows: list[Row]) -> None:
        # SQLAlchemy's own way costs as much again as the transaction itself.
        self._connection.connection.cursor().executemany(_INSERT, rows)

    def give_back_space(self) -> bool:
        """Return a batch of free pages to the file system; returns whether more are left."""
        with self._connection.begin():
            self._connection.execute(text(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))
            return bool(self._connection.scalar(text("PRAGMA freelist_count")))


class PostgresqlJournal(SqlJournal):
    """The journal in a server, which gives space back by itself.

    A server that crashes may lose its last moments (durability normal): they are kept, and where
    the node has died, too, the file in its state directory says how many are gone.
    """

    _cure = "start the server"
    _kept = NEWEST_KEPT


def open_journal(database: Database) -> SqlJournal:
    """Return the journal of an open database.

    Raises:
        SQLAlchemyError: it cannot be read.

    """
    sqlite = database.engine.dialect.name == "sqlite"
    return SqliteJournal(database) if sqlite else PostgresqlJournal(database)
