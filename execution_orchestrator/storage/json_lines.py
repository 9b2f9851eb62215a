"""Writes a journal out as lines of JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.storage.atomic_file import whole_file
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.packing import unpacked
from execution_orchestrator.storage.refusals import first_line

PAGE = 1000  # events


def export(state_directory: Path, url: str, target: Path) -> int:
    """Write every event in its order, atomically; returns how many.

    Raises:
        StorageError: the journal cannot be read.
        OSError: the file cannot be written.

    """
    database = open_database(state_directory, url=url, lock=False)
    try:
        number, after = 0, -1
        query = text("SELECT seq, data FROM event WHERE seq > :after ORDER BY seq LIMIT :page")
        with whole_file(target) as file, database.engine.connect() as rows:
            while found := rows.execute(query, {"after": after, "page": PAGE}).all():
                for after, data in found:
                    file.write(_line(after, data).encode())
                number += len(found)
            file.flush()
            os.fsync(file.fileno())
    except SQLAlchemyError as failure:
        raise StorageError(
            f"the journal {database.place} cannot be read: {first_line(failure)}"
        ) from failure
    finally:
        database.close()
    return number


def _line(sequence: int, data: str) -> str:
    """Return the line of an event; one that is no JSON is there as the text it is."""
    try:
        event = json.loads(unpacked(data))
    except ValueError:
        return json.dumps({"sequence": sequence, "damaged": data}) + "\n"
    return json.dumps({"sequence": sequence, "event": event}, ensure_ascii=False) + "\n"
