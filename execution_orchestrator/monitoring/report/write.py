"""Reads an execution from the journal and writes its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from execution_orchestrator.atomic_file import whole_file
from execution_orchestrator.monitoring.kept_map import KeptMap
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.report.html import ReportEvent, render_html
from execution_orchestrator.monitoring.suggestions import suggest
from execution_orchestrator.observation.fold import fold
from execution_orchestrator.observation.record import ExecutionRecord, plain
from execution_orchestrator.storage import Journal, open_database, open_journal
from execution_orchestrator.storage.pictures import PictureFolder


class ReportError(RuntimeError):
    """There is nothing to report on."""


def read_execution(
    execution_id: str, state_directory: Path, url: str = ""
) -> tuple[ExecutionRecord, list[ReportEvent]]:
    """Read an execution from the journal of a state directory; a running node is not disturbed.

    ``url`` is the node's parameter `database_url`, where the journal lies elsewhere.

    Raises:
        ReportError: the journal has no such execution.
        StorageError: the journal cannot be opened.

    """
    database = open_database(state_directory, url=url, lock=False)
    try:
        journal = open_journal(database)
        chosen = execution_id or next(iter(journal.executions(limit=1)), "")
        record, events = read_record(journal, chosen)
        journal.close()
    finally:
        database.close()
    if not events:
        which = f"no execution {execution_id!r}" if execution_id else "no execution at all"
        raise ReportError(f"the journal in {database.place} has {which}")
    return record, events


def read_record(journal: Journal, execution_id: str) -> tuple[ExecutionRecord, list[ReportEvent]]:
    """Read an execution from an open journal; without events it has none of that name."""
    record = ExecutionRecord(execution_id)
    events = []
    for entry in journal.read(execution_id=execution_id) if execution_id else ():
        event = entry.event
        record = fold(record, event)
        events.append(ReportEvent(event.time, event.type, event.key, event.description()))
    return record, events


def write_html_report(
    execution_id: str, *, state_directory: Path, target: Path, url: str = ""
) -> None:
    """Write the HTML report, atomically; an empty id means the newest execution.

    Raises:
        ReportError: the journal has no such execution.
        StorageError: the journal cannot be opened.

    """
    record, events = read_execution(execution_id, state_directory, url)
    pictures, kept = PictureFolder(state_directory), KeptMap(state_directory)
    text = render_html(record, events, picture=pictures.read, grid=kept.read())
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as file:
        file.write(text.encode())


def report_json(execution_id: str, *, state_directory: Path, url: str = "") -> dict[str, Any]:
    """Return the report as plain data.

    Raises:
        ReportError: the journal has no such execution.
        StorageError: the journal cannot be opened.

    """
    return as_data(*read_execution(execution_id, state_directory, url))


def as_data(record: ExecutionRecord, events: Sequence[ReportEvent]) -> dict[str, Any]:
    """Return a report as plain data."""
    figures = compute_figures(record)
    return {
        "execution": plain(record),
        "figures": asdict(figures),
        "suggestions": [asdict(suggestion) for suggestion in suggest(record, figures)],
        "events": [asdict(event) for event in events],
    }
