"""Looks through a journal event by event, and writes what can be read into a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.engine.apply import apply
from execution_orchestrator.engine.events import Event, ExecutionForgotten
from execution_orchestrator.engine.state import OrchestratorState
from execution_orchestrator.storage.database import (
    default_file,
    known_revisions,
    locked,
    open_database,
)
from execution_orchestrator.storage.history import OpenExecutions
from execution_orchestrator.storage.reading import NEWER, UnreadableEventError, read_event
from execution_orchestrator.storage.refusals import HEADER, StorageError, first_line, size_of
from execution_orchestrator.storage.schema import event as event_table

BATCH = 1000  # rows read, and written, at once
SMALLEST_ROW = 32  # bytes; bounds how many positions a damaged file can have
PROBE = "SELECT seq, data FROM event LIMIT 0"
SIDE_FILES = ("-wal", "-shm")


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


def examine(file: Path) -> Findings:
    """Look whether every event of a journal in SQLite can be read and follows from the others.

    Raises:
        StorageError: it is no file of SQLite, or has no table of events.

    """
    findings = Findings(str(file))
    with closing(_connected(file)) as connection:
        findings.damage = _integrity(connection)
        findings.newer = _of_newer_tables(connection)
        for _ in _good(connection, file, findings):
            pass
    return findings


def repair(state_directory: Path, file: Path | None = None) -> tuple[Findings, Path]:
    """Put a journal with all that can be read in the place of a damaged one.

    Returns what was found, and the copy of the old file, which is made first.

    Raises:
        StorageError: a node uses the journal, nothing can be read of it, a newer
            version wrote it, or the disk is full.

    """
    file = file or default_file(state_directory)
    with locked({state_directory, file.parent}):
        fresh = file.parent / f"{file.name}.repair"
        try:
            shutil.rmtree(fresh, ignore_errors=True)
            with closing(_connected(file)):
                pass  # refused before a copy is made
            kept = _copied(file)
            findings = _rewritten(file, fresh)
            if findings.newer:
                raise StorageError(
                    f"the journal {file} is not repaired, since this would lose what this version "
                    f"does not know; {NEWER}"
                )
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
    return findings, kept


def _rewritten(file: Path, fresh: Path) -> Findings:
    findings = Findings(str(file))
    database = open_database(fresh)
    try:
        with closing(_connected(file)) as source, database.engine.connect() as target:
            findings.damage = _integrity(source)
            findings.newer = _of_newer_tables(source)
            entries = OpenExecutions(target)
            for number, (sequence, event, data) in enumerate(_good(source, file, findings), 1):
                target.execute(
                    event_table.insert().values(
                        seq=sequence,
                        execution_id=event.execution_id,
                        time=event.wall,
                        type=type(event).type,
                        action=event.key,
                        data=data,
                    )
                )
                entries.ids = entries.note(target, [(sequence, event)])
                if not number % BATCH:
                    target.commit()
            target.commit()
    finally:
        database.close()
    return findings


def _copied(file: Path) -> Path:
    """Copy a journal beside itself, durably."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    kept = file.with_name(f"{file.name}.before-repair-{stamp}")
    for side in ("", *SIDE_FILES):
        old, new = Path(f"{file}{side}"), Path(f"{kept}{side}")
        if old.exists():
            shutil.copy2(old, new)
            with new.open("rb") as written:
                os.fsync(written.fileno())
    return kept


def _connected(file: Path) -> sqlite3.Connection:
    if not file.is_file() or not file.stat().st_size:
        raise StorageError(f"there is nothing to read in the journal {file}; restore a backup")
    connection = sqlite3.connect(file, isolation_level=None)
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
    return connection


def _padded(file: Path) -> sqlite3.Connection:
    """Open a file that was cut short as if its missing pages were empty; else as it is."""
    with file.open("rb") as content:
        expected = size_of(content.read(HEADER))
    missing = expected - file.stat().st_size
    if missing <= 0 or expected <= HEADER:
        return sqlite3.connect(file, isolation_level=None)
    padded = bytearray(file.read_bytes()) + bytes(missing)
    padded[18:20] = b"\x01\x01"  # without a log of its own, which memory does not have
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(bytes(padded))
    return connection


def _integrity(connection: sqlite3.Connection) -> str:
    try:
        verdict: bytes = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as failure:
        return first_line(failure)
    said = " ".join(verdict.decode(errors="replace").split())
    return "" if said == "ok" else said


def _good(
    connection: sqlite3.Connection, file: Path, findings: Findings
) -> Iterator[tuple[int, Event, str]]:
    """Yield the events that can be read and follow from those before; note the others."""
    pruned = _pruned(connection)
    last = _last_of_each(connection)
    state = OrchestratorState()
    for sequence, execution_id, data in _rows(connection, file, findings):
        name = execution_id.decode(errors="replace")
        if any(first <= sequence <= end for first, end in pruned.get(name, ())):
            continue
        findings.newest = sequence
        try:
            event = read_event(findings.place, sequence, data)
        except UnreadableEventError as failure:
            findings.faults.append(Fault(sequence, sequence, failure.problem))
            findings.newer = findings.newer or failure.newer
            continue
        # What lives again after it had left the memory was not left out for good.
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
        yield sequence, event, data.decode()


def _of_newer_tables(connection: sqlite3.Connection) -> bool:
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return any(one.decode(errors="replace") not in known_revisions() for (one,) in found)


def _pruned(connection: sqlite3.Connection) -> dict[str, list[tuple[int, int]]]:
    """Return the parts that no longer count; none where the table cannot be read."""
    parts: dict[str, list[tuple[int, int]]] = {}
    try:
        for first, last, name in connection.execute("SELECT first, last, execution_id FROM pruned"):
            parts.setdefault(name.decode(errors="replace"), []).append((first, last))
    except sqlite3.Error:
        return parts
    return parts


def _last_of_each(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the last position of each execution; none where the rows cannot all be read."""
    query = "SELECT execution_id, MAX(seq) FROM event GROUP BY execution_id"
    try:
        return {n.decode(errors="replace"): last for n, last in connection.execute(query)}
    except sqlite3.Error:
        return {}


def _rows(
    connection: sqlite3.Connection, file: Path, findings: Findings
) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield every row that SQLite can read; what it cannot is narrowed down to single positions."""
    try:
        newest = connection.execute("SELECT seq FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        end = newest[0] if newest else 0
    except sqlite3.Error:
        end = file.stat().st_size // SMALLEST_ROW
    query = "SELECT seq, execution_id, data FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq"
    waiting = [(first, min(first + BATCH - 1, end)) for first in range(1, end + 1, BATCH)]
    waiting.reverse()
    while waiting:
        first, last = waiting.pop()
        try:
            rows = connection.execute(query, (first, last)).fetchall()
        except sqlite3.Error as failure:
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
