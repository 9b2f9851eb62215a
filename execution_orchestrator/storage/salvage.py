"""Checks a journal event by event, and repairs it: what can be read goes into a new one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from execution_orchestrator.engine.apply import apply
from execution_orchestrator.engine.events import Event, ExecutionForgotten
from execution_orchestrator.engine.state import OrchestratorState
from execution_orchestrator.storage.database import (
    default_file,
    engine_of,
    locked,
    open_database,
    server_lock,
)
from execution_orchestrator.storage.execution_table import OpenExecutions
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.last_written import SUFFIX
from execution_orchestrator.storage.migrating import REVISIONS, migrate
from execution_orchestrator.storage.reading import NEWER, UnreadableEventError, read_event
from execution_orchestrator.storage.refusals import first_line
from execution_orchestrator.storage.rows import Content, Row, row_of, write_contents
from execution_orchestrator.storage.schema import event as event_table
from execution_orchestrator.storage.sources import (
    FileSource,
    ServerSource,
    Source,
    UnreadableError,
)

BATCH = 1000  # rows read, and written, at once
KEPT = 32  # large parts of events that are kept, since other events may have them too
SIDE_FILES = ("-wal", "-shm", SUFFIX)
TABLES = ("event", "execution", "pruned", "content", "content_use", "alembic_version")
NEW_TABLES = "being_repaired"  # schema in which they are filled


@dataclass(frozen=True, slots=True)
class Fault:
    """Positions of the journal that cannot be used, ``first`` to ``last``, and why."""

    first: int
    last: int
    problem: str

    def __str__(self) -> str:
        """Return one line for a person."""
        where = f"event {self.first}"
        if self.last != self.first:
            where = f"positions {self.first} to {self.last}"
        return f"{where} {self.problem}"


@dataclass
class Findings:
    """What a look through a journal found; ``good`` events can be read and follow each other."""

    place: str
    good: int = 0
    newest: int = 0
    faults: list[Fault] = field(default_factory=list)
    damage: str = ""  # what the database itself says of its file
    newer: bool = False  # a newer version wrote it

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.damage or self.newer or self.faults)


def examine(state_directory: Path, url: str = "") -> Findings:
    """Look whether every event of a journal can be read and follows from the others.

    Raises:
        StorageError: there is no journal, or nothing can be read of it.

    """
    with closing(_source(state_directory, url)) as source:
        findings = Findings(source.place, damage=source.damage(), newer=_of_newer_tables(source))
        for _ in _good(source, findings):
            pass
    return findings


def repair(state_directory: Path, url: str = "") -> tuple[Findings, str]:
    """Put a journal with all that can be read in the place of a damaged one.

    Returns what was found, and where the old one is kept: a copy of the file, or a schema of
    PostgreSQL with the old tables.

    Raises:
        StorageError: a node uses the journal, nothing can be read of it, a newer
            version wrote it, or the disk is full.

    """
    file = _file(state_directory, url)
    if file is None:
        return _repair_server(state_directory, url)
    return _repair_file(state_directory, file)


def _source(state_directory: Path, url: str) -> Source:
    file = _file(state_directory, url)
    return ServerSource(url) if file is None else FileSource(file)


def _file(state_directory: Path, url: str) -> Path | None:
    """Return the file of a journal in SQLite, None for one in PostgreSQL."""
    if not url:
        return default_file(state_directory)
    try:
        parsed = make_url(url)
    except ArgumentError as failure:
        raise StorageError(
            f"{url} is no database URL: {first_line(failure)}; "
            "write it like postgresql://user@host/name"
        ) from failure
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database:
        raise StorageError("a journal in memory cannot be looked at; name a file")
    return Path(parsed.database)


def _repair_file(state_directory: Path, file: Path) -> tuple[Findings, str]:
    with locked({state_directory, file.parent}):
        fresh = file.parent / f"{file.name}.repair"
        try:
            shutil.rmtree(fresh, ignore_errors=True)
            FileSource(file).close()  # refused before a copy is made
            kept = _copied(file)
            database = open_database(fresh)
            try:
                with closing(FileSource(file)) as source:
                    findings = _rewritten(source, database.engine)
            finally:
                database.close()
            # A log of the old file would be taken for one of the new.
            for side in SIDE_FILES:
                Path(f"{file}{side}").unlink(missing_ok=True)
            (fresh / "journal.db").replace(file)
        except (OSError, SQLAlchemyError) as failure:
            raise StorageError(
                f"the journal {file} cannot be repaired: {first_line(failure)}; free "
                "space, or give this account the right to write there; it is as it was"
            ) from failure
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return findings, str(kept)


def _repair_server(state_directory: Path, url: str) -> tuple[Findings, str]:
    """Fill new tables in a schema of their own, and let them change places with the old ones."""
    kept = f"before_repair_{_moment().replace('-', '_')}"
    engine, filled = engine_of(url), engine_of(url, schema=NEW_TABLES)
    place = engine.url.render_as_string(hide_password=True)
    try:
        with (
            locked({state_directory}),
            closing(ServerSource(url)) as source,
            server_lock(engine, place),
        ):
            with engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA IF EXISTS {NEW_TABLES} CASCADE"))
                connection.execute(text(f"CREATE SCHEMA {NEW_TABLES}"))
            migrate(filled)
            findings = _rewritten(source, filled)
            with engine.begin() as connection:
                schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
                connection.execute(text(f"CREATE SCHEMA {kept}"))
                for name in TABLES:
                    move = f"ALTER TABLE {schema}.{name} SET SCHEMA {kept}"
                    connection.execute(text(move))
                    move = f"ALTER TABLE {NEW_TABLES}.{name} SET SCHEMA {schema}"
                    connection.execute(text(move))
                connection.execute(text(f"DROP SCHEMA {NEW_TABLES}"))
    except SQLAlchemyError as failure:
        raise StorageError(
            f"the journal {place} cannot be repaired: {first_line(failure)}; free space, or give "
            "this user the right to create schemas there; it is as it was"
        ) from failure
    finally:
        filled.dispose()
        engine.dispose()
    return findings, f"the schema {kept} of {place}"


def _rewritten(source: Source, target: Engine) -> Findings:
    findings = Findings(source.place, damage=source.damage(), newer=_of_newer_tables(source))
    with target.connect() as connection:
        entries = OpenExecutions(connection)
        for number, (sequence, event) in enumerate(_good(source, findings), 1):
            row, large = row_of(sequence, event)
            connection.execute(event_table.insert().values(**row._asdict()))
            write_contents(connection, [(sequence, large)])
            entries.ids = entries.note(connection, [(sequence, event)])
            if not number % BATCH:
                connection.commit()
        connection.commit()
    if findings.newer:
        raise StorageError(
            f"the journal {source.place} is not repaired, since this would lose what this version "
            f"does not know; {NEWER}"
        )
    return findings


def _moment() -> str:
    """Return the local time, with microseconds: two repairs in one second keep two copies."""
    return datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")


def _copied(file: Path) -> Path:
    """Copy a journal durably into its own folder."""
    kept = file.with_name(f"{file.name}.before-repair-{_moment()}")
    for side in ("", *SIDE_FILES):
        old, new = Path(f"{file}{side}"), Path(f"{kept}{side}")
        if old.exists():
            shutil.copy2(old, new)
            with new.open("rb") as written:
                os.fsync(written.fileno())
    return kept


def _good(source: Source, findings: Findings) -> Iterator[tuple[int, Event]]:
    """Yield the events that can be read and follow from those before; note the others."""
    pruned = _pruned(source)
    last = _last_of_each(source)
    contents = _contents(source)
    state = OrchestratorState()
    at_first = source.written()  # a node may write on while the rows are read
    before = at_first.whole_after if at_first else None
    for row in _rows(source, findings):
        sequence, execution_id, *_, data = row
        if before is not None and sequence > before:
            _missing(source, findings, before, sequence)
            before = sequence
        # A damaged page gives a row without what every row has, or with a number in its place.
        if not (isinstance(execution_id, str | bytes) and isinstance(data, str | bytes)):
            findings.newest = sequence
            _lost(findings, sequence, "cannot be read from the file (its text is lost)")
            continue
        name = _text(execution_id)
        if any(first <= sequence <= end for first, end in pruned.get(name, ())):
            continue
        findings.newest = sequence
        try:
            event = read_event(findings.place, row, contents)
        except UnreadableEventError as failure:
            findings.faults.append(Fault(sequence, sequence, failure.problem))
            findings.newer = findings.newer or failure.newer
            continue
        # An execution that was taken up again was left out only for a while.
        if type(event) is not ExecutionForgotten or sequence == last.get(name, sequence):
            try:
                apply(state, event)
            except Exception as failure:
                kind = type(event).type
                problem = f"({kind}) does not follow from those before it ({failure!r})"
                findings.faults.append(Fault(sequence, sequence, problem))
                continue
            state.timer_changes.clear()
        findings.good += 1
        yield sequence, event
    if at_first:
        _missing(source, findings, findings.newest, at_first.newest + 1)


def _missing(source: Source, findings: Findings, before: int, after: int) -> None:
    """Note that nothing is between two positions, except where the reason is known."""
    known = findings.faults[-1].last if findings.faults else 0
    first = max(before, known) + 1
    if first >= after:
        return
    # The node may be deleting old executions just now.
    written = source.written()
    first = max(first, written.whole_after + 1 if written else after)
    if first < after:
        problem = "must have been deleted by something other than this program"
        findings.faults.append(Fault(first, after - 1, problem))


def _contents(source: Source) -> Content:
    """Return what finds the large parts of events; an older journal has no table of them."""

    def read(name: str) -> bytes | None:
        try:
            found = source.rows("SELECT data FROM content WHERE name = :name", name=name)
        except UnreadableError:
            return None
        return bytes(found[0][0]) if found and isinstance(found[0][0], bytes | memoryview) else None

    return lru_cache(maxsize=KEPT)(read)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")


def _of_newer_tables(source: Source) -> bool:
    try:
        found = source.rows("SELECT version_num FROM alembic_version")
    except UnreadableError:
        return False
    return any(_text(one) not in REVISIONS for (one,) in found)


def _pruned(source: Source) -> dict[str, list[tuple[int, int]]]:
    """Return the parts that no longer count; none where the table cannot be read."""
    parts: dict[str, list[tuple[int, int]]] = {}
    try:
        for first, last, name in source.rows("SELECT first, last, execution_id FROM pruned"):
            if isinstance(name, str | bytes) and isinstance(first, int) and isinstance(last, int):
                parts.setdefault(_text(name), []).append((first, last))
    except UnreadableError:
        return parts
    return parts


def _last_of_each(source: Source) -> dict[str, int]:
    """Return the last position of each execution; none where the rows cannot all be read."""
    query = "SELECT execution_id, MAX(seq) FROM event GROUP BY execution_id"
    try:
        return {
            _text(name): last for name, last in source.rows(query) if isinstance(name, str | bytes)
        }
    except UnreadableError:
        return {}


def _rows(source: Source, findings: Findings) -> Iterator[tuple[Any, ...]]:
    """Yield every row that can be read; what cannot is narrowed down to single positions."""
    end = source.end()
    columns = ", ".join(Row._fields)
    query = f"SELECT {columns} FROM event WHERE seq BETWEEN :a AND :b ORDER BY seq"
    waiting = [(first, min(first + BATCH - 1, end)) for first in range(1, end + 1, BATCH)]
    waiting.reverse()
    while waiting:
        first, last = waiting.pop()
        try:
            rows = source.rows(query, a=first, b=last)
        except UnreadableError as failure:
            if first == last:
                _lost(findings, first, f"cannot be read from the file ({failure})")
            else:
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
            continue
        yield from rows


def _lost(findings: Findings, sequence: int, problem: str) -> None:
    """Note a position; neighbours that are lost for the same reason are one fault."""
    before = findings.faults[-1] if findings.faults else None
    if before is not None and before.last == sequence - 1 and before.problem == problem:
        findings.faults[-1] = Fault(before.first, sequence, problem)
    else:
        findings.faults.append(Fault(sequence, sequence, problem))
