"""All runs of the journal for the web page: found, compared, and what many of them say."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from execution_orchestrator.engine.status import FINAL_EXECUTION
from execution_orchestrator.monitoring.markers import Locate
from execution_orchestrator.monitoring.past_runs import Difference, Run, compare, read_run
from execution_orchestrator.monitoring.run_statistics import RunSummary, over_time, summary_of
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.storage.journal import HistoryEntry, Journal, RunQuery
from execution_orchestrator.storage.run_facts import capabilities_of

PAGE = 100  # runs of one answer
READ = 300  # runs that statistics are made of, the newest ones that match,
READING = 5.0  # and the seconds that reading them may take
REMEMBERED = 2000  # summaries of runs that have ended
WORDS = 200  # characters of what is looked for
SHOWN_DIFFERENCES = 2000
STATUSES = ("OPEN", *sorted(str(status) for status in FINAL_EXECUTION))
TEXTS = ("words", "status", "capability", "error", "robot")


class QueryError(ValueError):
    """A query cannot be understood; the message says how to write it."""


def query_of(asked: Mapping[str, str]) -> RunQuery:
    """Return the query that the parameters of an address mean.

    Raises:
        QueryError: a number is none, a text is too long, or there is no such status.

    """
    if any(len(asked.get(name, "")) > WORDS for name in TEXTS):
        raise QueryError(f"what is looked for has at most {WORDS} characters")
    status = asked.get("status", "")
    if status and status not in STATUSES:
        raise QueryError(f"status is one of {', '.join(STATUSES)}")
    return RunQuery(
        words=asked.get("words", ""),
        status=status,
        capability=asked.get("capability", ""),
        error=asked.get("error", ""),
        robot=asked.get("robot", ""),
        since=_number(asked, "since"),
        until=_number(asked, "until"),
        least=_number(asked, "least"),
        most=_number(asked, "most"),
    )


def _number(asked: Mapping[str, str], name: str) -> float | None:
    try:
        return float(asked[name]) if asked.get(name) else None
    except ValueError as wrong:
        raise QueryError(f"{name} is a number of seconds: {wrong}") from wrong


@dataclass(frozen=True, slots=True)
class Names:
    """What a run is found by that the journal's table knows only when the run has ended."""

    capabilities: frozenset[str]
    errors: tuple[str, ...]
    robots: tuple[str, ...]

    def fit(self, query: RunQuery) -> bool:
        """Return whether a query for these means the run."""
        asked = ((query.capability, self.capabilities), (query.error, self.errors))
        return all(
            not name or name in names for name, names in (*asked, (query.robot, self.robots))
        )


def names_of(record: ExecutionRecord) -> Names:
    """Return the names of a run that has not ended; its record may change meanwhile."""
    actions = list(record.actions.values())
    attempts = [attempt for action in actions for attempt in list(action.attempts)]
    return Names(
        frozenset(capabilities_of(record.plan)),
        tuple(dict.fromkeys(one.error_code for one in attempts if one.error_code)),
        tuple(dict.fromkeys(one.robot for one in actions if one.robot)),
    )


class Runs:
    """Reads the journal; may be used from any thread. ``going_on`` gives what has not ended."""

    def __init__(
        self,
        journal: Journal,
        locate: Locate,
        going_on: Callable[[], Iterable[ExecutionRecord]],
    ) -> None:
        self._journal, self._locate, self._going_on = journal, locate, going_on
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], RunSummary] = OrderedDict()

    def search(self, query: RunQuery, offset: int) -> dict[str, Any]:
        """Return a page of the runs that match, newest first, and the names to look for."""
        going_on = {one.execution_id: names_of(one) for one in self._going_on()}
        fitting = tuple(name for name, names in going_on.items() if names.fit(query))
        query = replace(query, going_on=fitting)
        page = self._journal.search(query, offset=offset, limit=PAGE)
        known = self._journal.known_names()
        now = list(going_on.values())
        return {
            "total": page.total,
            "offset": offset,
            "runs": [_line(entry, going_on.get(entry.execution_id)) for entry in page.entries],
            "capabilities": sorted({*known.capabilities}.union(*(one.capabilities for one in now))),
            "errors": sorted({*known.errors}.union(*(one.errors for one in now))),
            "robots": sorted({*known.robots}.union(*(one.robots for one in now))),
        }

    def compare(self, before: str, after: str) -> dict[str, Any] | None:
        """Return two runs side by side; None if one of them is not there."""
        runs = [read_run(self._journal, name) for name in (before, after)]
        if runs[0] is None or runs[1] is None:
            return None
        figures, actions = compare(runs[0], runs[1])
        return {
            "runs": [_run(run) for run in runs if run is not None],
            "figures": [_difference(one) for one in figures],
            "actions": [_difference(one) for one in actions[:SHOWN_DIFFERENCES]],
        }

    def statistics(self, query: RunQuery) -> dict[str, Any]:
        """Return what the newest runs that match say; as many as can be read in five seconds."""
        page = self._journal.search(query, offset=0, limit=READ)
        until = time.monotonic() + READING
        summaries = []
        for entry in page.entries:
            if time.monotonic() > until:
                break
            if entry.last is not None:
                summaries.append(self._summary(entry, entry.last))
        return {"total": page.total, "read": len(summaries), **over_time(summaries)}

    def _summary(self, entry: HistoryEntry, last: int) -> RunSummary:
        with self._lock:
            known = self._known.get((entry.execution_id, last))
        if known is not None:
            return known
        run = read_run(self._journal, entry.execution_id)
        made = (
            RunSummary(entry.execution_id, entry.accepted, entry.status, (), ())
            if run is None
            else summary_of(run.record, self._locate)
        )
        with self._lock:
            self._known[entry.execution_id, last] = made
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return made


def _line(entry: HistoryEntry, going_on: Names | None) -> dict[str, Any]:
    known = entry if going_on is None or entry.ended is not None else going_on
    return {
        "execution_id": entry.execution_id,
        "command": entry.command,
        "status": entry.status,
        "accepted": entry.accepted,
        "took": None if entry.ended is None else entry.ended - entry.accepted,
        "errors": known.errors[:5],
        "robots": known.robots,
    }


def _run(run: Run) -> dict[str, Any]:
    record = run.record
    return {
        "execution_id": record.execution_id,
        "command": record.command,
        "status": record.status,
        "reason": record.reason,
        "accepted": record.wall.of(record.accepted),
        "took": record.until() - record.accepted,
        "recoveries": [
            {
                "action_id": one.key,
                "strategy": one.strategy,
                "because": one.error_code or one.error_type,
                "took": (one.ended or one.started) - one.started,
                "helped": one.helped,
            }
            for one in record.recoveries[:SHOWN_DIFFERENCES]
        ],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "before": one.before,
        "after": one.after,
        "remark": one.remark,
    }
