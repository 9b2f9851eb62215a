"""`ros2 run execution_orchestrator history`: past executions, filtered and compared."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.words import STYLE, duration
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.metrics.record_builder import RecordBuilder
from execution_orchestrator.storage import Journal, StorageError, open_database
from execution_orchestrator.storage.database import default_state_directory


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of executions, newest first."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator history", description=__doc__
    )
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--status", default="", help="only this final status")
    words.add_argument("--command", default="", help="only commands with these words in them")
    words.add_argument("--limit", type=int, default=20, help="at most so many")
    options = words.parse_args(arguments)
    state = options.state_directory or default_state_directory()
    table = Table()
    for column in ("execution", "when", "status", "took", "goals", "retries", "recoveries", "what"):
        table.add_column(column, no_wrap=column != "what")
    try:
        database = open_database(state, lock=False)
        journal = Journal(database)
        shown = 0
        for execution_id in journal.executions():
            builder = RecordBuilder(execution_id)
            for entry in journal.read(execution_id=execution_id):
                builder.add(entry.event)
            record = builder.record
            wanted = options.status.upper() in ("", record.status)
            if not wanted or options.command.lower() not in record.command.lower():
                continue
            figures = compute_figures(record)
            when = datetime.fromtimestamp(record.accepted).astimezone()
            table.add_row(
                execution_id,
                when.strftime("%Y-%m-%d %H:%M:%S"),
                Text(record.status, style=STYLE.get(record.status, "")),
                duration(figures.total_duration),
                str(figures.attempts),
                str(figures.retries),
                str(figures.recoveries),
                escape(record.command or record.reason),
            )
            shown += 1
            if shown >= options.limit:
                break
        journal.close()
        database.close()
    except StorageError as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return 1
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
