"""The figures of one execution; docs/metrics.md has the formulas in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from execution_orchestrator.monitoring.metrics.intervals import (
    Interval,
    total_length,
    union_length,
)
from execution_orchestrator.observation.record import (
    ActionRecord,
    ExecutionRecord,
    LeaseRecord,
    by_parent,
)
from execution_orchestrator.plan.tree import longest_way

FINISHED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


@dataclass(frozen=True)
class ResourceUse:
    """One finished or running use of a resource."""

    resource: str
    resource_type: str
    key: str
    amount: float
    duration: float
    effective: float
    efficiency: float
    cost: float
    acquired: float
    released: float


@dataclass(frozen=True)
class ExecutionFigures:
    """Durations in seconds, ratios from 0 to 1, cost in the unit of the configured rates."""

    total_duration: float
    effective_duration: float
    busy_time: float
    paused_time: float
    breaker_wait: float
    total_cost: float
    resource_efficiency: float
    parallel_efficiency: float
    quality_score: float
    success_rate: float
    error_rate: float
    throughput: float
    attempts: int
    retries: int
    recoveries: int
    replans: int
    planning_time: float
    planning_tokens: int
    planning_cost: float
    critical_path: tuple[str, ...]
    errors_by_type: Mapping[str, int]
    resource_uses: tuple[ResourceUse, ...]


def compute_figures(record: ExecutionRecord, *, now: float | None = None) -> ExecutionFigures:
    """Compute every figure; an unfinished execution is measured up to ``now`` (Unix seconds)."""
    until = record.until(now)
    attempts = [
        (action, attempt) for action in record.actions.values() for attempt in action.attempts
    ]
    busy: list[Interval] = [
        (a.dispatched, a.ended if a.ended is not None else until) for _, a in attempts
    ]
    by_action = {
        key: [(a.dispatched, a.ended if a.ended is not None else until) for a in action.attempts]
        for key, action in record.actions.items()
    }
    uses = tuple(_use(lease, by_action.get(lease.key, []), until) for lease in _leases(record))
    finished = [a for a in record.actions.values() if a.status in FINISHED]
    succeeded = sum(1 for a in finished if a.status == "SUCCEEDED")
    failed_attempts = [a for _, a in attempts if a.outcome not in ("", "succeeded", "cancelled")]
    total = max(0.0, until - record.accepted)
    effective = union_length(busy)
    path, path_length = critical_path(record, until)
    success_rate = succeeded / len(finished) if finished else 1.0
    error_rate = len(failed_attempts) / len(attempts) if attempts else 0.0
    recoveries = record.recovery_runs
    held = sum(use.duration for use in uses)
    action_cost = sum(
        action.cost_rate * total_length([interval])
        for (action, _), interval in zip(attempts, busy, strict=True)
    )
    return ExecutionFigures(
        total_duration=total,
        effective_duration=effective,
        busy_time=total_length(busy),
        paused_time=union_length(
            (start, end if end is not None else until) for start, end in record.pauses
        ),
        breaker_wait=sum(attempt.breaker_wait for _, attempt in attempts),
        total_cost=action_cost + sum(use.cost for use in uses) + record.planning_cost,
        resource_efficiency=sum(use.effective for use in uses) / held if held > 0 else 1.0,
        parallel_efficiency=min(1.0, path_length / effective) if effective > 0 else 1.0,
        quality_score=success_rate
        * (1 - error_rate / 2)
        * (1 - 0.1 * min(recoveries / max(1, len(record.actions)), 1.0)),
        success_rate=success_rate,
        error_rate=error_rate,
        throughput=len(finished) / total if total > 0 else 0.0,
        attempts=len(attempts),
        retries=sum(1 for _, a in attempts if a.number > 1),
        recoveries=recoveries,
        replans=record.replans,
        planning_time=record.planning_time,
        planning_tokens=record.planning_tokens,
        planning_cost=record.planning_cost,
        critical_path=path,
        errors_by_type=dict(
            Counter(a.error_type or "UNKNOWN" for a in failed_attempts).most_common()
        ),
        resource_uses=uses,
    )


def critical_path(record: ExecutionRecord, until: float) -> tuple[tuple[str, ...], float]:
    """Return the chain of actions that had to wait for each other with the most busy time.

    With it come its seconds. What is nested in a block belongs to it: rounds of a loop and parts of
    a ``try`` come one after the other, items of a parallel ``foreach`` do not.
    """
    inside = by_parent(record)

    def way_in(key: str) -> tuple[tuple[str, ...], float]:
        parts: dict[tuple[str, str], list[ActionRecord]] = {}
        for action in inside.pop(key, ()):
            parts.setdefault((action.block, _round(key, action.key)), []).append(action)
        ways = [way_through(part) for part in parts.values()]
        if _side_by_side(record, key):
            return max(ways, key=lambda way: way[1], default=((), 0.0))
        return tuple(name for chain, _ in ways for name in chain), sum(took for _, took in ways)

    def way_through(part: Sequence[ActionRecord]) -> tuple[tuple[str, ...], float]:
        within = {one.key: way_in(one.key) for one in part}
        chain, took = longest_way(
            (one.key, one.depends_on, _busy(one, until) + within[one.key][1]) for one in part
        )
        return tuple(name for key in chain for name in (key, *within[key][0])), took

    return way_in("")


def _busy(action: ActionRecord, until: float) -> float:
    ends = ((a.dispatched, a.ended if a.ended is not None else until) for a in action.attempts)
    return sum(end - dispatched for dispatched, end in ends)


def _round(parent: str, key: str) -> str:
    """Return which round of a loop an action is in, '' for what is in no loop."""
    below = key.removeprefix(parent)
    return below.partition("/")[0] if parent and below.startswith("[") else ""


def _side_by_side(record: ExecutionRecord, key: str) -> bool:
    place = record.tree.find(key) if key else None
    return place is not None and place.action.get("mode") == "parallel"


def _leases(record: ExecutionRecord) -> list[LeaseRecord]:
    return sorted(record.leases.values(), key=lambda lease: (lease.acquired, lease.lease_id))


def _use(lease: LeaseRecord, busy: list[Interval], until: float) -> ResourceUse:
    released = lease.released if lease.released is not None else until
    duration = max(0.0, released - lease.acquired)
    effective = union_length(
        (max(start, lease.acquired), min(end, released)) for start, end in busy
    )
    return ResourceUse(
        resource=lease.resource,
        resource_type=lease.resource_type,
        key=lease.key,
        amount=lease.amount,
        duration=duration,
        effective=effective,
        efficiency=effective / duration if duration > 0 else 1.0,
        cost=lease.amount * duration * lease.rate,
        acquired=lease.acquired,
        released=released,
    )
