"""The append-only journal of events: what is in it has happened, what is not has not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.engine.codec import decode_event, encode_event
from execution_orchestrator.engine.events import Event
from execution_orchestrator.storage.database import Database, StorageError
from execution_orchestrator.storage.schema import event as event_table

BATCH = 2000  # rows read at once
_INSERT = "INSERT INTO event (execution_id, time, type, action, data) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An event with its position."""

    sequence: int
    event: Event


class Journal:
    """One writer; readers may come from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.engine.connect()
        self._sqlite = database.engine.dialect.name == "sqlite"
        self._last = int(
            self._connection.execute(select(func.max(event_table.c.seq))).scalar() or 0
        )
        self._connection.rollback()

    @property
    def last_sequence(self) -> int:
        """Position of the newest event."""
        return self._last

    def append(self, events: Sequence[Event]) -> int:
        """Write events in one transaction; they are durable when this returns.

        Returns the sequence number of the first one.

        Raises:
            StorageError: they could not be written; then none of them was.

        """
        rows = [
            (e.execution_id, e.time, type(e).type, e.key, encode_event(e).decode()) for e in events
        ]
        first = self._last + 1
        try:
            if self._sqlite:
                self._connection.exec_driver_sql(_INSERT, rows)
            else:
                names = ("execution_id", "time", "type", "action", "data")
                self._connection.execute(
                    event_table.insert(), [dict(zip(names, row, strict=True)) for row in rows]
                )
            self._connection.commit()
        except SQLAlchemyError as failure:
            self._connection.rollback()
            reason = str(getattr(failure, "orig", None) or failure).splitlines()[0]
            raise StorageError(
                f"the journal {self._database.place} cannot be written: {reason}; "
                "free space or repair the disk, then restart the node"
            ) from failure
        self._last += len(rows)
        return first

    def read(
        self, *, execution_id: str = "", after: int = 0, limit: int = 0
    ) -> Iterator[JournalEntry]:
        """Yield events with a sequence above ``after``, oldest first."""
        table = event_table.c
        left = limit or None
        while left is None or left > 0:
            query = select(table.seq, table.data).where(table.seq > after).order_by(table.seq)
            if execution_id:
                query = query.where(table.execution_id == execution_id)
            with self._database.engine.connect() as connection:
                rows = connection.execute(query.limit(min(BATCH, left or BATCH))).all()
            for sequence, data in rows:
                yield JournalEntry(sequence, decode_event(data))
                after = sequence
            if left is not None:
                left -= len(rows)
            if len(rows) < BATCH:
                return

    def executions(self, *, limit: int = 1000) -> list[str]:
        """Return the ids of the executions in the journal, newest first."""
        query = text(
            "SELECT execution_id FROM event WHERE type = 'EXECUTION_ACCEPTED' "
            "ORDER BY seq DESC LIMIT :n"
        )
        with self._database.engine.connect() as connection:
            return [row[0] for row in connection.execute(query, {"n": limit})]

    def forget(self, execution_ids: Sequence[str]) -> None:
        """Remove the events of executions that are too old to be kept."""
        with self._database.engine.begin() as connection:
            connection.execute(
                delete(event_table).where(event_table.c.execution_id.in_(list(execution_ids)))
            )

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
