"""The part of the journal that a node reads at its start: what runs, and recent executions.

A journal of a million events is mostly of executions that are over. Of those, only the newest are
read, and of the others what outlives them: their dead letters, and how they ended.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, or_, select, text

from execution_orchestrator.engine.events import CommandGiven
from execution_orchestrator.engine.pruning import PASSING
from execution_orchestrator.storage.execution_table import entry_of
from execution_orchestrator.storage.journal import HistoryEntry
from execution_orchestrator.storage.rows import ROW, rows_of
from execution_orchestrator.storage.schema import LASTING
from execution_orchestrator.storage.schema import event as event_table
from execution_orchestrator.storage.schema import execution as execution_table
from execution_orchestrator.storage.schema import pruned as pruned_table

RECENT = 50  # ended executions that are read, at most,
RECENT_EVENTS = 10_000  # and the events that they may have together
PAGE = 2000  # rows read at once
AT_ONCE = 200  # executions that one query asks for
_MEANINGLESS = [kind.type for kind in (*PASSING, CommandGiven)]
_RUNNING = select(execution_table).where(execution_table.c.ended.is_(None))


@dataclass(frozen=True)
class _Segment:
    """A stretch of the journal, and the executions to read there."""

    first: int
    last: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class LiveRows:
    """``going_on``: executions that run; ``ended``: how each one ended that is not read."""

    going_on: frozenset[str]
    ended: dict[str, str]
    rows: Iterator[Any]


def live_rows(engine: Engine, newest: int) -> LiveRows:
    """Return the rows that a node needs at its start; ``newest`` is the journal's last position."""
    with engine.connect() as connection:
        running = [*map(entry_of, connection.execute(_RUNNING))]
        recent = _recent(connection)
        read = {entry.execution_id for entry in (*running, *recent)}
        ended = {
            name: status
            for name, status in connection.execute(
                select(execution_table.c.execution_id, execution_table.c.status).where(
                    execution_table.c.ended.is_not(None)
                )
            )
            if name not in read
        }
    segments = list(_segments([*running, *recent], newest))
    since = segments[0].first if segments else newest + 1
    # What was cut into two segments for the number of its executions overlaps.
    streams = [_of_segment(engine, segment) for segment in segments]
    rows = heapq.merge(*streams, _lasting(engine, since), key=itemgetter(0))
    return LiveRows(frozenset(one.execution_id for one in running), ended, _once(rows))


def _recent(connection: Connection) -> list[HistoryEntry]:
    """Return the executions that ended last, as many as may be read."""
    found, events = [], 0
    query = (
        select(execution_table)
        .where(execution_table.c.ended.is_not(None))
        .order_by(execution_table.c.ended.desc())
        .limit(RECENT)
    )
    for entry in map(entry_of, connection.execute(query)):
        events += (entry.last or entry.first) - entry.first + 1
        if events > RECENT_EVENTS:
            break
        found.append(entry)
    return found


def _segments(entries: list[HistoryEntry], newest: int) -> Iterator[_Segment]:
    """Join what overlaps, so that no row is looked at twice."""
    names: list[str] = []
    first = last = 0
    for entry in sorted(entries, key=lambda one: one.first):
        if names and (entry.first > last or len(names) >= AT_ONCE):
            yield _Segment(first, last, tuple(names))
            names = []
        if not names:
            first, last = entry.first, 0
        names.append(entry.execution_id)
        last = max(last, newest if entry.last is None else entry.last)
    if names:
        yield _Segment(first, last, tuple(names))


def _of_segment(engine: Engine, segment: _Segment) -> Iterator[Any]:
    table = event_table.c
    query = (
        select(*ROW)
        .where(table.execution_id.in_(segment.names), table.seq <= segment.last)
        .order_by(table.seq)
    )
    return _paged(engine, query, segment.first - 1)


def _lasting(engine: Engine, since: int) -> Iterator[Any]:
    """Yield what belongs to no execution or outlives it, by the index that is made for that."""
    table = event_table.c
    matters = or_(table.seq >= since, table.type.not_in(_MEANINGLESS))
    query = select(*ROW).where(text(LASTING), matters).order_by(table.seq)
    with engine.connect() as connection:
        for first, last, name in connection.execute(select(pruned_table)):
            query = query.where(~and_(table.execution_id == name, table.seq.between(first, last)))
    return _paged(engine, query, 0)


def _paged(engine: Engine, query: Select[Any], after: int) -> Iterator[Any]:
    while True:
        with engine.connect() as connection:
            rows = rows_of(connection, query.where(event_table.c.seq > after).limit(PAGE))
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def _once(rows: Iterator[Any]) -> Iterator[Any]:
    """Yield events once that are in both streams: dead letters of executions that are read."""
    reached = 0
    for row in rows:
        if row[0] > reached:
            reached = row[0]
            yield row
