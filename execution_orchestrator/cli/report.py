"""`ros2 run execution_orchestrator report`: what happened in an execution, as HTML or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from execution_orchestrator.cli.history import opened
from execution_orchestrator.cli.ids import UnknownIdError, id_in_journal
from execution_orchestrator.monitoring.report import ReportError, report_json, write_html_report
from execution_orchestrator.storage import StorageError
from execution_orchestrator.storage.database import default_state_directory


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator report", description=__doc__
    )
    words.add_argument("execution_id", nargs="?", default="", help="default: the newest one")
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--database-url", default="", help="journal elsewhere, as the node has it")
    words.add_argument("--output", type=Path, default=Path("report.html"), help="HTML file")
    words.add_argument("--json", action="store_true", help="print JSON instead")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report; 1 if there is nothing to report on."""
    options = parser().parse_args(arguments)
    state = options.state_directory or default_state_directory()
    try:
        execution_id = options.execution_id
        if execution_id:
            with opened(state, options.database_url) as journal:
                execution_id = id_in_journal(journal, execution_id)
        if options.json:
            report = report_json(execution_id, state_directory=state, url=options.database_url)
            json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
            print()
        else:
            write_html_report(
                execution_id,
                state_directory=state,
                url=options.database_url,
                target=options.output,
            )
            print(f"report: {options.output.absolute()}")
    except (ReportError, StorageError, UnknownIdError) as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
