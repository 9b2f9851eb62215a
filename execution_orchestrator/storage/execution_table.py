"""The table of executions: position in the journal, times, and how each one ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from execution_orchestrator.engine.codec import decode_in_this_schema
from execution_orchestrator.engine.events import (
    CheckpointRestored,
    Event,
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionReplanned,
    ExecutionRequested,
    HistoryPruned,
)
from execution_orchestrator.storage.journal import (
    HistoryEntry,
    HistoryPage,
    KnownNames,
    RunQuery,
)
from execution_orchestrator.storage.rows import ROW, Contents, json_of
from execution_orchestrator.storage.run_facts import TYPES, OpenRuns, RunFacts, joined, parted
from execution_orchestrator.storage.schema import event as event_table
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
        self.facts = OpenRuns()

    def note(self, connection: Connection, entries: Iterable[tuple[int, Event]]) -> set[str]:
        """Write the changes; returns the new value of ``ids``, to be set after the commit."""
        ids = set(self.ids)
        for sequence, event in entries:
            name = event.execution_id
            self.facts.note(event)
            if name not in ids:
                self._begin_or_extend(connection, ids, sequence, event)
            if isinstance(event, HistoryPruned):
                for each in event.execution_ids:
                    _prune(connection, each)
            if not name:
                continue
            if isinstance(event, ExecutionRequested):
                # One that failed may be begun again under its id.
                began = {"accepted": event.wall, "last": None, "ended": None, "status": ""}
                _change(
                    connection, name, command=event.goal.command, **began, **RunFacts().columns()
                )
                ids.add(name)
            elif isinstance(event, ExecutionAccepted):
                _change(connection, name, command=event.command)
            elif isinstance(event, ExecutionFinished):
                facts = self.facts.ended(name) or _facts_of(connection, name, sequence)
                over = {"last": sequence, "ended": event.wall, "status": event.status}
                _change(connection, name, **over, **facts.columns())
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


def _facts_of(connection: Connection, execution_id: str, last: int) -> RunFacts:
    """Read the facts of a run that began before the node's start."""
    facts = RunFacts()
    entry = find(connection, execution_id)
    row = event_table.c
    query = (
        select(*ROW)
        .where(row.execution_id == execution_id, row.type.in_(TYPES))
        .where(row.seq.between(0 if entry is None else entry.first, last))
        .order_by(row.seq)
    )
    contents = Contents(lambda: nullcontext(connection))
    for found in connection.execute(query).all():
        try:
            facts.note(decode_in_this_schema(json_of(found, contents)))
        except ValueError:
            continue  # reading that event reports the error
    return facts


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


def search(connection: Connection, query: RunQuery, *, offset: int, limit: int) -> HistoryPage:
    """Return a page of the executions that a query means, newest first."""
    chosen = and_(true(), *_conditions(query))
    total = connection.scalar(select(func.count()).select_from(table).where(chosen)) or 0
    found = select(table).where(chosen).order_by(table.c.first.desc())
    rows = connection.execute(found.offset(offset).limit(limit))
    return HistoryPage([entry_of(row) for row in rows], total)


def _conditions(query: RunQuery) -> Iterable[ColumnElement[bool]]:
    row = table.c
    for word in query.words.split():
        texts = (row.command, row.execution_id, row.errors)
        yield or_(*(text.icontains(word, autoescape=True) for text in texts))
    if query.status == "OPEN":
        yield row.ended.is_(None)
    elif query.status:
        yield and_(row.ended.is_not(None), row.status == query.status)
    names = ((row.capabilities, query.capability), (row.errors, query.error))
    found = [
        column.contains(joined([name]), autoescape=True)
        for column, name in (*names, (row.robots, query.robot))
        if name
    ]
    if found:
        yield or_(and_(*found), and_(row.ended.is_(None), row.execution_id.in_(query.going_on)))
    if query.since is not None:
        yield row.accepted >= query.since
    if query.until is not None:
        yield row.accepted < query.until
    took = row.ended - row.accepted
    if query.least is not None:
        yield took >= query.least
    if query.most is not None:
        yield took <= query.most


def known_names(connection: Connection) -> KnownNames:
    """Return the names that runs can be looked for by."""
    columns = (table.c.capabilities, table.c.errors, table.c.robots)
    found = (
        {name for text in connection.scalars(select(one).distinct()) for name in parted(text)}
        for one in columns
    )
    return KnownNames(*(tuple(sorted(names)) for names in found))


def entry_of(row: Row[Any]) -> HistoryEntry:
    """Return the entry that a row of the table is."""
    values: dict[str, Any] = dict(row._mapping)
    for names in ("capabilities", "errors", "robots"):
        values[names] = parted(values[names])
    return HistoryEntry(**values)
