"""The table of executions: position in the journal, times, and how each one ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, true, update

from execution_orchestrator.engine.events import (
    CheckpointRestored,
    Event,
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionReplanned,
    ExecutionRequested,
    HistoryPruned,
)
from execution_orchestrator.storage.journal import HistoryEntry, HistoryPage
from execution_orchestrator.storage.schema import execution as table
from execution_orchestrator.storage.schema import pruned

# What changes an entry of an execution that runs.
MARKS: frozenset[type[Event]] = frozenset(
    {
        ExecutionRequested,
        ExecutionAccepted,
        ExecutionFinished,
        CheckpointRestored,
        ExecutionReplanned,
        HistoryPruned,
    }
)


class OpenExecutions:
    """The executions that run, and the changes that events make to the entries."""

    def __init__(self, connection: Connection) -> None:
        running = select(table.c.execution_id).where(table.c.ended.is_(None))
        # Events of the orchestrator as a whole belong to no execution.
        self.ids: set[str] = {"", *connection.scalars(running)}

    def note(self, connection: Connection, entries: Iterable[tuple[int, Event]]) -> set[str]:
        """Write the changes; returns the new value of ``ids``, to be set after the commit."""
        ids = set(self.ids)
        for sequence, event in entries:
            name = event.execution_id
            if name not in ids:
                self._begin_or_extend(connection, ids, sequence, event)
            if isinstance(event, HistoryPruned):
                for each in event.execution_ids:
                    _prune(connection, each)
            if not name:
                continue
            if isinstance(event, ExecutionRequested):
                # One that failed may be begun anew under its id.
                began = {"accepted": event.wall, "last": None, "ended": None, "status": ""}
                _change(connection, name, command=event.goal.command, **began)
                ids.add(name)
            elif isinstance(event, ExecutionAccepted):
                _change(connection, name, command=event.command)
            elif isinstance(event, ExecutionFinished):
                _change(connection, name, last=sequence, ended=event.wall, status=event.status)
                ids.discard(name)
            elif isinstance(event, CheckpointRestored | ExecutionReplanned):
                _change(connection, name, last=None, ended=None, status="")
                ids.add(name)
        return ids

    def _begin_or_extend(
        self, connection: Connection, ids: set[str], sequence: int, event: Event
    ) -> None:
        name = event.execution_id
        if _change(connection, name, last=sequence):
            return
        connection.execute(
            insert(table).values(
                execution_id=name, first=sequence, accepted=event.wall, status="", command=""
            )
        )
        ids.add(name)


def _prune(connection: Connection, execution_id: str) -> None:
    """Remove an entry; its events are ignored from now on, and deleted later."""
    entry = find(connection, execution_id)
    if entry is not None and entry.last is not None:
        connection.execute(
            insert(pruned).values(first=entry.first, last=entry.last, execution_id=execution_id)
        )
        connection.execute(delete(table).where(table.c.execution_id == execution_id))


def _change(connection: Connection, name: str, **values: Any) -> bool:
    changed = connection.execute(update(table).where(table.c.execution_id == name).values(values))
    return bool(changed.rowcount)


def read_history(connection: Connection, *, limit: int = 0) -> list[HistoryEntry]:
    """Return the entries, newest first."""
    query = select(table).order_by(table.c.first.desc())
    return [entry_of(row) for row in connection.execute(query.limit(limit) if limit else query)]


def read_page(
    connection: Connection,
    *,
    since: float,
    ended: Sequence[str],
    others: Sequence[str],
    everything: bool,
    offset: int,
    limit: int,
) -> HistoryPage:
    """Return a page of the executions; see `Journal.page`."""
    over = and_(table.c.ended.is_not(None), true() if everything else table.c.status.in_(ended))
    chosen = and_(table.c.accepted >= since, or_(over, table.c.execution_id.in_(others)))
    total = connection.scalar(select(func.count()).select_from(table).where(chosen)) or 0
    query = select(table).where(chosen).order_by(table.c.first.desc())
    rows = connection.execute(query.offset(offset).limit(limit))
    return HistoryPage([entry_of(row) for row in rows], total)


def ended_since(connection: Connection, since: float) -> list[HistoryEntry]:
    """Return the executions that ended after ``since``, the last one first."""
    query = select(table).where(table.c.ended > since).order_by(table.c.ended.desc())
    return [entry_of(row) for row in connection.execute(query)]


def count_ended(connection: Connection) -> dict[str, int]:
    """Return how many executions ended with each status."""
    query = select(table.c.status, func.count()).where(table.c.ended.is_not(None))
    rows = connection.execute(query.group_by(table.c.status))
    return {row[0]: int(row[1]) for row in rows}


def find(connection: Connection, execution_id: str) -> HistoryEntry | None:
    """Return the entry of an execution."""
    row = connection.execute(select(table).where(table.c.execution_id == execution_id)).first()
    return None if row is None else entry_of(row)


def entry_of(row: Row[Any]) -> HistoryEntry:
    """Return the entry that a row of the table is."""
    return HistoryEntry(**row._mapping)
