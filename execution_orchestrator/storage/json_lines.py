"""Writes a journal out as lines of JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.atomic_file import whole_file
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.refusals import first_line
from execution_orchestrator.storage.rows import ROW, Content, Contents, json_of
from execution_orchestrator.storage.schema import event as event_table

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
        contents = Contents(database.engine.connect)
        position = event_table.c.seq
        query = select(*ROW).order_by(position).limit(PAGE)
        with whole_file(target) as file, database.engine.connect() as rows:
            while found := rows.execute(query.where(position > after)).all():
                for row in found:
                    file.write(_line(row, contents).encode())
                after = found[-1][0]
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


def _line(row: Sequence[Any], content: Content) -> str:
    """Return the line of an event; one that is no JSON is there as the text it is."""
    sequence = row[0]
    try:
        event = json.loads(json_of(row, content))
    except ValueError:
        return json.dumps({"sequence": sequence, "damaged": row[-1]}) + "\n"
    return json.dumps({"sequence": sequence, "event": event}, ensure_ascii=False) + "\n"
