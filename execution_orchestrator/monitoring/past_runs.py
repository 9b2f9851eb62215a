"""Runs of the past: found in the journal, and held side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.observation.fold import record_of
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage import Journal
from execution_orchestrator.storage.journal import HistoryEntry

SLOWER = 1.25  # quotient of two durations from which an action counts as slower, or as faster,
NOTICED = 0.5  # and the seconds it has to be at least


@dataclass(frozen=True)
class Wanted:
    """Which runs to look for; ``since`` and ``until`` are Unix seconds of the acceptance."""

    status: str = ""
    command: str = ""
    since: float = 0.0
    until: float = float("inf")
    limit: int = 20


@dataclass(frozen=True)
class Run:
    """One run with its figures."""

    record: ExecutionRecord
    figures: ExecutionFigures

    def as_json(self) -> dict[str, Any]:
        """Return what `history --json` prints of it."""
        figures = {
            name: value
            for name in self.figures.__dataclass_fields__
            if isinstance(value := getattr(self.figures, name), int | float)
        }
        return {
            "execution_id": self.record.execution_id,
            "command": self.record.command,
            "status": self.record.status,
            "reason": self.record.reason,
            "accepted": self.record.wall.of(self.record.accepted),
            "ended": self.record.ended,
            "errors_by_type": dict(self.figures.errors_by_type),
            "figures": figures,
        }


def read_run(journal: Journal, execution_id: str) -> Run | None:
    """Read one run, None if the journal has none of that name."""
    events = (entry.event for entry in journal.read(execution_id=execution_id))
    record = record_of(execution_id, events)
    return Run(record, compute_figures(record)) if record.accepted else None


def record_of_entry(entry: HistoryEntry) -> ExecutionRecord:
    """Return what a list shows of an ended execution without reading its events.

    Its actions, the moment of its first one and its reason are not in it.
    """
    return ExecutionRecord(
        entry.execution_id,
        command=entry.command,
        status=ExecutionStatus(entry.status),
        accepted=entry.accepted,
        ended=entry.ended,
    )


def find_runs(journal: Journal, wanted: Wanted) -> Iterator[Run]:
    """Yield the runs that are wanted, newest first; only those are read in full."""
    found = 0
    for entry in journal.history():
        if found >= wanted.limit:
            return
        if not wanted.since <= entry.accepted < wanted.until:
            continue
        if entry.ended is not None and wanted.status.upper() not in ("", entry.status):
            continue
        run = read_run(journal, entry.execution_id)
        if run is None or wanted.status.upper() not in ("", run.record.status):
            continue
        if wanted.command.lower() in run.record.command.lower():
            found += 1
            yield run


@dataclass(frozen=True)
class Difference:
    """One figure, or one action, of two runs; None where a run does not have it."""

    subject: str
    before: float | str | None
    after: float | str | None
    remark: str = ""


def compare(before: Run, after: Run) -> tuple[list[Difference], list[Difference]]:
    """Return the figures of two runs side by side, and the actions that differ."""
    figures = []
    for name in before.figures.__dataclass_fields__:
        old, new = getattr(before.figures, name), getattr(after.figures, name)
        if isinstance(old, int | float) and isinstance(new, int | float):
            figures.append(Difference(name, float(old), float(new), _change(old, new)))
    actions = [
        difference
        for key in dict.fromkeys([*before.record.actions, *after.record.actions])
        if (difference := _of_action(key, before, after)) is not None
    ]
    return figures, actions


def _change(old: float, new: float) -> str:
    if old == new:
        return ""
    if not old:
        return "new"
    return f"{100 * (new - old) / abs(old):+.0f}%"


def _of_action(key: str, before: Run, after: Run) -> Difference | None:
    old, new = before.record.actions.get(key), after.record.actions.get(key)
    if old is None or new is None:
        gone = "only in the second run" if old is None else "only in the first run"
        return Difference(
            key, old.busy if old is not None else None, new.busy if new is not None else None, gone
        )
    remarks = []
    if old.status != new.status:
        remarks.append(f"{old.status.lower()} became {new.status.lower()}")
    if len(old.attempts) != len(new.attempts):
        remarks.append(f"{len(old.attempts)} became {counted(len(new.attempts), 'attempt')}")
    longer, shorter = max(old.busy, new.busy), min(old.busy, new.busy)
    if longer - shorter >= NOTICED and longer >= SLOWER * shorter:
        remarks.append("slower" if new.busy > old.busy else "faster")
    return Difference(key, old.busy, new.busy, ", ".join(remarks)) if remarks else None
