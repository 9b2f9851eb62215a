"""What many runs say over time: durations per capability, success per week, where recoveries were.

Of each run only what counts is kept, so that hundreds of them fit into some megabytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from execution_orchestrator.monitoring.markers import Locate, targets
from execution_orchestrator.monitoring.metrics.statistics import DurationStatistics
from execution_orchestrator.observation.record import ExecutionRecord, RecoveryRecord

BINS = 16  # of a distribution
LAG = 1.0  # seconds; a way is looked at five times a second
SHOWN_PLACES = 500  # recoveries on the map, the newest ones
KEPT_OF_ONE = 2000  # attempts that are kept of one run


@dataclass(frozen=True, slots=True)
class RecoveredAt:
    """A recovery with the robot's position at its begin, in metres of the map.

    Without a journalled path of the robot the position is the target of the action.
    """

    execution_id: str
    action_id: str
    strategy: str
    because: str
    helped: bool | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run that has ended; ``attempts`` are (capability, seconds, whether it succeeded)."""

    execution_id: str
    accepted: float
    status: str
    attempts: tuple[tuple[str, float, bool], ...]
    recoveries: tuple[RecoveredAt, ...]


def summary_of(record: ExecutionRecord, locate: Locate) -> RunSummary:
    """Return what counts of a run."""
    attempts = [
        (action.action_type, attempt.ended - attempt.dispatched, attempt.outcome == "succeeded")
        for action in record.actions.values()
        for attempt in action.attempts
        if attempt.ended is not None and attempt.outcome not in ("", "cancelled")
    ]
    goals = {t.key: (t.x, t.y) for t in targets(record, locate) if t.frame == "map"}
    recoveries = [
        RecoveredAt(
            record.execution_id,
            one.key,
            one.strategy,
            one.error_code or one.error_type,
            one.helped,
            *place,
        )
        for one in record.recoveries
        if (place := _stood(record, one) or goals.get(one.key)) is not None
    ]
    return RunSummary(
        record.execution_id,
        record.wall.of(record.accepted),
        str(record.status),
        tuple(attempts[:KEPT_OF_ONE]),
        tuple(recoveries[:KEPT_OF_ONE]),
    )


def _stood(record: ExecutionRecord, recovery: RecoveryRecord) -> tuple[float, float] | None:
    """Return where the base had come to when a recovery of its action began, in the map."""
    until = recovery.started + LAG
    passed = (
        (time, x, y)
        for way in record.travelled
        if way.key == recovery.key and way.frame == "map"
        for time, x, y, _ in way.path
        if time <= until
    )
    last = max(passed, default=None)
    return None if last is None else last[1:]


def over_time(runs: Sequence[RunSummary]) -> dict[str, Any]:
    """Return the statistics of runs as plain JSON data; times in seconds, weeks in local time."""
    places = [
        place for run in sorted(runs, key=lambda one: -one.accepted) for place in run.recoveries
    ]
    return {
        "capabilities": _distributions(runs),
        "weeks": _weeks(runs),
        "recoveries": [
            {name: getattr(place, name) for name in RecoveredAt.__dataclass_fields__}
            for place in places[:SHOWN_PLACES]
        ],
    }


def _distributions(runs: Iterable[RunSummary]) -> list[dict[str, Any]]:
    good: dict[str, list[float]] = defaultdict(list)
    bad: Counter[str] = Counter()
    for run in runs:
        for capability, seconds, succeeded in run.attempts:
            if succeeded:
                good[capability].append(seconds)
            else:
                bad[capability] += 1
    return [_distribution(name, good[name], bad[name]) for name in sorted({*good, *bad})]


def _distribution(capability: str, seconds: Sequence[float], failed: int) -> dict[str, Any]:
    statistics = DurationStatistics.of(seconds)
    width = (statistics.maximum - statistics.minimum) / BINS or 1.0
    bins = [0] * BINS
    for one in seconds:
        bins[min(BINS - 1, int((one - statistics.minimum) / width))] += 1
    return {
        "capability": capability,
        "succeeded": statistics.count,
        "failed": failed,
        "median": statistics.p50,
        "p90": statistics.p90,
        "shortest": statistics.minimum,
        "longest": statistics.maximum,
        "bins": bins,
    }


def _weeks(runs: Iterable[RunSummary]) -> list[dict[str, Any]]:
    """Return how the runs of each week ended, oldest first; a week begins on Monday."""
    weeks: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        day = datetime.fromtimestamp(run.accepted).astimezone()
        weeks[(day - timedelta(days=day.weekday())).date().isoformat()][run.status] += 1
    return [{"monday": monday, "ended": dict(weeks[monday])} for monday in sorted(weeks)]
