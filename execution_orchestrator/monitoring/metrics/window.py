"""Figures per capability and per resource over a window of time, from any number of records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from execution_orchestrator.monitoring.metrics.statistics import DurationStatistics
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord

NOT_FAILED = frozenset({"", "succeeded", "cancelled"})


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end``, Unix seconds."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return max(0.0, self.end - self.start)

    def overlap(self, start: float, end: float) -> float:
        """Return the seconds of an interval that lie in the window."""
        return max(0.0, min(end, self.end) - max(start, self.start))


@dataclass(frozen=True, slots=True)
class CapabilityFigures:
    """What became of the attempts of one capability that ended in the window."""

    count: int
    success_rate: float
    error_rate: float
    duration_mean: float
    duration_min: float
    duration_max: float
    duration_p50: float
    duration_p90: float
    duration_p99: float
    estimate_ratio: float
    breaker_wait: float
    cost: float
    errors_by_type: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ResourceFigures:
    """How much of a resource was held in the window, and how long actions waited for it."""

    uses: int
    held: float
    utilisation: float
    waiting_time: float
    cost: float


def capability_figures(
    records: Iterable[ExecutionRecord], window: Window
) -> dict[str, CapabilityFigures]:
    """Return the figures by action type, of those that had an attempt that ended in the window."""
    gathered: dict[str, _Attempts] = defaultdict(_Attempts)
    for record in records:
        if record.ended is not None and record.ended < window.start:
            continue
        for action in record.actions.values():
            for attempt in action.attempts:
                if attempt.ended is not None and window.start <= attempt.ended < window.end:
                    gathered[action.action_type].add(
                        action,
                        attempt.ended - attempt.dispatched,
                        attempt.outcome,
                        "" if attempt.outcome in NOT_FAILED else attempt.error_type or "UNKNOWN",
                        attempt.breaker_wait,
                    )
    return {name: gathered[name].figures() for name in sorted(gathered)}


def resource_figures(
    records: Iterable[ExecutionRecord], window: Window, capacities: Mapping[str, float]
) -> dict[str, ResourceFigures]:
    """Return the figures by resource; one that was never held is all zero.

    A resource that ``capacities`` does not know has the capacity 1.
    """
    held: dict[str, float] = dict.fromkeys(capacities, 0.0)
    uses: Counter[str] = Counter()
    waited: dict[str, float] = defaultdict(float)
    cost: dict[str, float] = defaultdict(float)
    for record in records:
        until = record.until(window.end)
        if until < window.start:
            continue
        for lease in record.leases.values():
            released = lease.released if lease.released is not None else until
            share = lease.amount * window.overlap(lease.acquired, released)
            gap = 0.0
            if lease.wanted is not None:
                gap = window.overlap(lease.wanted + lease.breaker_wait, lease.acquired)
            if share > 0.0 or gap > 0.0:
                uses[lease.resource] += 1
                held[lease.resource] = held.get(lease.resource, 0.0) + share
                cost[lease.resource] += share * lease.rate
                waited[lease.resource] += gap
    return {
        name: ResourceFigures(
            uses=uses[name],
            held=held[name],
            utilisation=_ratio(held[name], window.length * capacities.get(name, 1.0)),
            waiting_time=waited[name],
            cost=cost[name],
        )
        for name in sorted(held)
    }


class _Attempts:
    """Collects the attempts of one capability."""

    def __init__(self) -> None:
        self._durations: list[float] = []
        self._succeeded = 0
        self._measured = 0.0
        self._estimated = 0.0
        self._breaker_wait = 0.0
        self._cost = 0.0
        self._errors: Counter[str] = Counter()

    def add(
        self, action: ActionRecord, duration: float, outcome: str, error: str, breaker_wait: float
    ) -> None:
        duration = max(0.0, duration)
        self._durations.append(duration)
        self._breaker_wait += breaker_wait
        self._cost += duration * action.cost_rate
        if error:
            self._errors[error] += 1
        if outcome == "succeeded":
            self._succeeded += 1
            if action.estimated_duration > 0.0:
                self._measured += duration
                self._estimated += action.estimated_duration

    def figures(self) -> CapabilityFigures:
        count = len(self._durations)
        took = DurationStatistics.of(self._durations)
        return CapabilityFigures(
            count=count,
            success_rate=_ratio(self._succeeded, count),
            error_rate=_ratio(self._errors.total(), count),
            duration_mean=took.mean,
            duration_min=took.minimum,
            duration_max=took.maximum,
            duration_p50=took.p50,
            duration_p90=took.p90,
            duration_p99=took.p99,
            estimate_ratio=_ratio(self._measured, self._estimated) if self._estimated else 1.0,
            breaker_wait=self._breaker_wait,
            cost=self._cost,
            errors_by_type=dict(self._errors.most_common()),
        )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else 0.0
