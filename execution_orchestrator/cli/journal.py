"""`ros2 run execution_orchestrator journal`: checks, exports or repairs the journal of a node."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage import StorageError, open_database
from execution_orchestrator.storage.database import default_file, default_state_directory
from execution_orchestrator.storage.reading import NEWER
from execution_orchestrator.storage.refusals import first_line
from execution_orchestrator.storage.salvage import Findings, examine, repair

SHOWN = 50  # faults
PAGE = 1000  # events


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the journal has faults or cannot be used."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator journal", description=__doc__
    )
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--database-url", default="", help="journal elsewhere, as the node has it")
    what = words.add_subparsers(dest="what", required=True)
    what.add_parser("check", help="is the file whole, and can every event be read (SQLite)")
    exporting = what.add_parser("export", help="write every event as one line of JSON")
    exporting.add_argument("file", type=Path, help="is replaced when all is written")
    what.add_parser("repair", help="keep a copy, and keep of the journal what can be read (SQLite)")
    options = words.parse_args(arguments)
    folder = options.state_directory or default_state_directory()
    try:
        if options.what == "export":
            number = _export(folder, options.database_url, options.file)
            print(f"{counted(number, 'event')} in {options.file.absolute()}")
            return 0
        file = _file(folder, options.database_url)
        if options.what == "check":
            return _tell(examine(file))
        findings, kept = repair(folder, file)
        print(f"the old journal is kept as {kept}")
        _tell(findings)
        print(f"{findings.place} has {counted(findings.good, 'event')} now; the node can start")
    except StorageError as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"cannot write: {failure}; choose another file, or free space", file=sys.stderr)
        return 1
    return 0


def _tell(findings: Findings) -> int:
    if findings.damage:
        print(f"the file is damaged: {findings.damage}")
    if findings.newer:
        print(f"a part of it is unknown to this version: {NEWER}")
    for fault in findings.faults[:SHOWN]:
        print(fault)
    if len(findings.faults) > SHOWN:
        print(f"and {len(findings.faults) - SHOWN} more")
    print(
        f"{findings.place}: {counted(findings.good, 'event')} can be read, the newest at position "
        f"{findings.newest}; {counted(len(findings.faults), 'fault')}"
    )
    return 1 if findings.damage or findings.newer or findings.faults else 0


def _file(folder: Path, url: str) -> Path:
    if not url:
        return default_file(folder)
    try:
        parsed = make_url(url)
    except ArgumentError as failure:
        raise StorageError(f"--database-url is no database URL: {first_line(failure)}") from failure
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StorageError(
            "only a journal in a file of SQLite can be checked or repaired here; use export, and "
            "the tools of the database itself (pg_dump, pg_amcheck)"
        )
    return Path(parsed.database)


def _export(folder: Path, url: str, target: Path) -> int:
    """Write every event in its order, atomically; returns how many."""
    database = open_database(folder, url=url, lock=False)
    handle, temporary = -1, ""
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        number, after = 0, -1
        query = text("SELECT seq, data FROM event WHERE seq > :after ORDER BY seq LIMIT :page")
        with os.fdopen(handle, "w", encoding="utf-8") as file, database.engine.connect() as rows:
            while found := rows.execute(query, {"after": after, "page": PAGE}).all():
                for after, data in found:
                    file.write(_line(after, data))
                number += len(found)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except SQLAlchemyError as failure:
        raise StorageError(
            f"the journal {database.place} cannot be read: {first_line(failure)}"
        ) from failure
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        database.close()
    return number


def _line(sequence: int, data: str) -> str:
    """Return the line of an event; one that is no JSON is there as the text it is."""
    try:
        event = json.loads(data)
    except ValueError:
        return json.dumps({"sequence": sequence, "damaged": data}) + "\n"
    return json.dumps({"sequence": sequence, "event": event}, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
