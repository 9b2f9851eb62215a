"""`ros2 run execution_orchestrator journal`: checks, exports or repairs the journal of a node."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from execution_orchestrator.engine.events import CommandGiven
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.database import default_state_directory
from execution_orchestrator.storage.json_lines import export
from execution_orchestrator.storage.reading import NEWER
from execution_orchestrator.storage.salvage import Findings, examine, repair

SHOWN = 50  # faults


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator journal", description=__doc__
    )
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--database-url", default="", help="journal elsewhere, as the node has it")
    what = words.add_subparsers(dest="what", required=True)
    what.add_parser("check", help="is the file whole, and can every event be read")
    exporting = what.add_parser("export", help="write every event as one line of JSON")
    exporting.add_argument("file", type=Path, help="is replaced when all is written")
    what.add_parser("repair", help="keep a copy, and keep of the journal what can be read")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the journal has faults or cannot be used."""
    options = parser().parse_args(arguments)
    folder = options.state_directory or default_state_directory()
    try:
        if options.what == "export":
            number = export(folder, options.database_url, options.file)
            print(f"{counted(number, 'event')} in {options.file.absolute()}")
            return 0
        if options.what == "check":
            return _tell(examine(folder, options.database_url))
        findings, kept = repair(folder, options.database_url)
        print(f"the old journal is kept as {kept}")
        _journal_repair(folder, options.database_url, kept)
        _tell(findings)
        print(f"{findings.place} has {counted(findings.good, 'event')} now; the node can start")
    except StorageError as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"cannot write: {failure}; choose another file, or free space", file=sys.stderr)
        return 1
    return 0


def _journal_repair(folder: Path, url: str, kept: str) -> None:
    """Tell in the repaired journal who repaired it.

    Raises:
        StorageError: it cannot be written.

    """
    database = open_database(folder, url=url)
    try:
        journal = open_journal(database)
        # Execution time does not advance while no node runs; time + offset is wall time.
        newest = journal.newest(limit=1)
        now = newest[-1].event.time if newest else time.time()
        caller = Caller(name=getpass.getuser(), through="the command line")
        event = CommandGiven(
            time=now,
            offset=time.time() - now,
            caller=caller,
            command="repair the journal",
            about=f"the one of before is {kept}",
        )
        journal.append([event])
        journal.close()
    finally:
        database.close()


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
    return 0 if findings.sound else 1


if __name__ == "__main__":
    sys.exit(main())
