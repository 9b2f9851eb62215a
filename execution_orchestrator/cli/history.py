"""`ros2 run execution_orchestrator history`: past executions, listed, compared and counted."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.how_many import how_many
from execution_orchestrator.cli.ids import UnknownIdError, id_in_journal
from execution_orchestrator.cli.view.formatting import STYLE, duration, figure
from execution_orchestrator.engine.status import SUCCESSFUL_EXECUTION
from execution_orchestrator.monitoring.experience import Experience
from execution_orchestrator.monitoring.metrics.window import (
    Window,
    capability_figures,
    resource_figures,
)
from execution_orchestrator.monitoring.past_runs import (
    Difference,
    Run,
    Wanted,
    compare,
    find_runs,
    read_run,
)
from execution_orchestrator.monitoring.who_did_what import deeds
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage import Journal, StorageError, open_database, open_journal
from execution_orchestrator.storage.database import default_state_directory

SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
ADVISED = 500  # runs
EVERY = 1_000_000_000  # runs: no limit where figures are counted


def moment(text: str) -> float:
    """Read a point in time: a span back from now (90m, 24h, 7d) or an ISO date and time.

    Raises:
        argparse.ArgumentTypeError: it is neither.

    """
    span = SPAN.fullmatch(text.strip())
    if span is not None:
        return time.time() - float(span[1]) * UNITS[span[2]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a span such as 90m, 24h or 7d nor a time such as 2026-05-31T08:00"
        ) from None


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator history",
        description=__doc__,
        epilog="history export RUN --mcap FILE writes one run for Foxglove.",
    )
    words.add_argument("--state-directory", type=Path, default=None, help="folder of the journal")
    words.add_argument("--database-url", default="", help="journal elsewhere, as the node has it")
    words.add_argument("--status", default="", help="only this final status")
    words.add_argument("--command", default="", help="only commands with these words in them")
    words.add_argument("--since", type=moment, default=0.0, help="90m, 24h, 7d, or a date and time")
    words.add_argument("--until", type=moment, default=None, help="the same; default: now")
    words.add_argument("--limit", type=how_many, default=20, help="list at most so many")
    words.add_argument("--json", action="store_true", help="print JSON instead of tables")
    what = words.add_mutually_exclusive_group()
    what.add_argument("--compare", nargs=2, metavar=("A", "B"), help="two runs side by side")
    what.add_argument(
        "--figures", action="store_true", help="figures per capability and per resource"
    )
    what.add_argument(
        "--advice", action="store_true", help="what the newest 500 of these runs together say"
    )
    what.add_argument(
        "--who",
        nargs="?",
        const="",
        metavar="WORDS",
        help="who asked for what, the newest first; with words only what has them all",
    )
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was asked for; 1 if a run or the journal is not there."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["export"]:
        from execution_orchestrator.cli.history_export import main as export  # noqa: PLC0415

        return export(words[1:])
    options = parser().parse_args(words)
    console, errors = Console(), Console(stderr=True)
    try:
        folder = options.state_directory or default_state_directory()
        with opened(folder, options.database_url) as journal:
            if options.compare:
                return _compare(journal, options, console, errors)
            if options.advice:
                _advise(journal, options, console)
            elif options.who is not None:
                _tell_who(journal, options, console)
            elif options.figures:
                _count(journal, options, console)
            else:
                _list(journal, options, console)
    except StorageError as failure:
        errors.print(str(failure), markup=False)
        return 1
    return 0


@contextmanager
def opened(state_directory: Path, url: str = "") -> Iterator[Journal]:
    """Open a journal for reading, also while a node is writing to it."""
    database = open_database(state_directory, url=url, lock=False)
    journal = open_journal(database)
    try:
        yield journal
    finally:
        journal.close()
        database.close()


def _wanted(options: argparse.Namespace, limit: int) -> Wanted:
    until = float("inf") if options.until is None else options.until
    return Wanted(options.status, options.command, options.since, until, limit)


def _list(journal: Journal, options: argparse.Namespace, console: Console) -> None:
    runs = find_runs(journal, _wanted(options, options.limit))
    if options.json:
        _print_json([run.as_json() for run in runs])
        return
    if not runs:
        console.print("no runs")
        return
    # Eighty columns hold it: what was asked for and what it took share a cell.
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("execution", "when", "status", "took"):
        table.add_column(column, no_wrap=True)
    table.add_column("what", overflow="fold")
    for run in runs:
        record, figures = run.record, run.figures
        when = datetime.fromtimestamp(record.wall.of(record.accepted)).astimezone()
        failed = record.status not in SUCCESSFUL_EXECUTION
        parts = [record.command, record.reason if failed or not record.command else ""]
        what = Text("\n".join(filter(None, parts)))
        counts = [counted(figures.attempts, "goal")]
        if figures.retries:
            counts.append(counted(figures.retries, "retry", "retries"))
        if figures.recoveries:
            counts.append(counted(figures.recoveries, "recovery", "recoveries"))
        what.append("\n" + ", ".join(counts), style="dim")
        table.add_row(
            record.execution_id,
            when.strftime("%Y-%m-%d %H:%M"),
            Text(record.status, style=STYLE.get(record.status, "")),
            duration(figures.total_duration),
            what,
        )
    console.print(table)


def _tell_who(journal: Journal, options: argparse.Namespace, console: Console) -> None:
    found = deeds(journal, words=options.who, since=options.since, limit=options.limit)
    if options.json:
        _print_json([asdict(one) for one in found])
        return
    if not found:
        console.print("nobody asked for anything like that" if options.who else "nobody yet")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("when", no_wrap=True)
    for column in ("who", "what", "execution"):
        table.add_column(column, overflow="fold")
    for one in found:
        when = datetime.fromtimestamp(one.time).astimezone()
        what = Text(one.what)
        if one.refused:
            what.append(f"\nrefused: {one.refused}", style="red")
        about = f"{one.execution_id} {one.action_id}".strip()
        table.add_row(when.strftime("%Y-%m-%d %H:%M:%S"), Text(one.who), what, Text(about))
    console.print(table)


def _compare(
    journal: Journal, options: argparse.Namespace, console: Console, errors: Console
) -> int:
    runs: list[Run] = []
    for name in options.compare:
        try:
            run = read_run(journal, id_in_journal(journal, name))
        except UnknownIdError as failure:
            errors.print(str(failure), markup=False)
            return 1
        if run is not None:
            runs.append(run)
    before, after = runs
    figures, actions = compare(before, after)
    if options.json:
        _print_json(
            {
                "before": before.as_json(),
                "after": after.as_json(),
                "figures": [asdict(one) for one in figures],
                "actions": [asdict(one) for one in actions],
            }
        )
        return 0
    rows = [_status(before, after), *(_in_words(one) for one in figures)]
    console.print(_side_by_side("figure", rows, before, after, figure))
    if actions:
        busy = _side_by_side("action, busy", actions, before, after, lambda _, time: duration(time))
        console.print(busy)
    else:
        console.print("no action differs")
    return 0


def _status(before: Run, after: Run) -> Difference:
    return Difference("status", before.record.status, after.record.status)


def _side_by_side(
    what: str,
    rows: Sequence[Difference],
    before: Run,
    after: Run,
    write: Callable[[str, float], str],
) -> Table:
    """Return a table of two runs; ``write`` gets the subject of a row, and one of its numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(what)
    table.add_column(before.record.execution_id, justify="right")
    table.add_column(after.record.execution_id, justify="right")
    table.add_column("change")
    for row in rows:
        cells = (
            write(row.subject, value) if isinstance(value, int | float) else value or "-"
            for value in (row.before, row.after)
        )
        table.add_row(row.subject, *cells, row.remark)
    return table


def _in_words(one: Difference) -> Difference:
    return replace(one, subject=one.subject.replace("_", " "))


def _count(journal: Journal, options: argparse.Namespace, console: Console) -> None:
    # An execution that began before the window may reach into it.
    whole = Wanted(options.status, options.command, limit=EVERY)
    records = [run.record for run in find_runs(journal, whole)]
    first = min((record.accepted for record in records), default=time.time())
    end = time.time() if options.until is None else options.until
    window = Window(options.since or first, end)
    capabilities = capability_figures(records, window)
    resources = resource_figures(records, window, {})
    if options.json:
        _print_json(
            {
                "window": asdict(window),
                "capabilities": {name: asdict(one) for name, one in capabilities.items()},
                "resources": {name: asdict(one) for name, one in resources.items()},
            }
        )
        return
    console.print(
        _table(
            "capability",
            {name: asdict(one) for name, one in capabilities.items()},
            ("count", "success_rate", "error_rate", "duration_mean", "duration_p90", "cost"),
        )
    )
    console.print(
        _table(
            "resource",
            {name: asdict(one) for name, one in resources.items()},
            ("uses", "held", "utilisation", "waiting_time", "cost"),
        )
    )


def _advise(journal: Journal, options: argparse.Namespace, console: Console) -> None:
    experience = Experience()
    for run in find_runs(journal, _wanted(options, ADVISED)):
        if run.record.ended is not None:
            experience.add(run.record)
    advice = experience.advice()
    if options.json:
        _print_json({"runs": experience.runs, "advice": [asdict(one) for one in advice]})
        return
    for one in advice:
        console.print(f"{one.subject}: {one.advice}", style="bold", markup=False)
        console.print(f"  {one.evidence}", markup=False)
    if not advice:
        console.print(f"nothing stands out in {counted(experience.runs, 'run')}")


def _table(what: str, rows: dict[str, dict[str, Any]], columns: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(what, no_wrap=True)
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for name, figures in rows.items():
        table.add_row(name, *(figure(column, figures[column]) for column in columns))
    return table


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    print()


if __name__ == "__main__":
    sys.exit(main())
