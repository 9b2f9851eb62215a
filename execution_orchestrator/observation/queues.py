"""When resources come free: who holds them, who waits for them, and how long each is expected to.

An estimate for people. A resource counts as having as many places as it has holders: whoever waits
for it waits because they are all taken. What comes after the waiting action of another execution
is not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from execution_orchestrator.observation.progress import left_of
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord, LeaseRecord
from execution_orchestrator.plan.durations import demands_of


def free_in(
    leases: Iterable[LeaseRecord], executions: Mapping[str, ExecutionRecord], now: float
) -> dict[tuple[str, str], float]:
    """Return in how many seconds each waiting action has its resources, by execution and key.

    An end that cannot be estimated (a goal in quarantine, a holder outside) counts as now.
    """
    places: dict[str, list[float]] = {}
    for lease in leases:
        places.setdefault(lease.resource, []).append(_held_for(lease, executions, now))
    found = {}
    for record, action in _in_turn(executions.values()):
        estimate = record.shown.estimates(record.tree)(action.key)
        wanted = [name for name in demands_of(estimate.action) if name in places]
        begin = max((min(places[name]) for name in wanted), default=0.0)
        found[record.execution_id, action.key] = begin
        for name in wanted:
            places[name].remove(min(places[name]))
            places[name].append(begin + estimate.takes)
    return found


def _held_for(lease: LeaseRecord, executions: Mapping[str, ExecutionRecord], now: float) -> float:
    record = executions.get(lease.execution_id)
    action = record.actions.get(lease.key) if record is not None else None
    if record is None or action is None or lease.quarantine:
        return 0.0
    return left_of(record, action, now)


def _in_turn(
    executions: Iterable[ExecutionRecord],
) -> list[tuple[ExecutionRecord, ActionRecord]]:
    """Return what waits for resources, in the order in which it is expected to get them."""
    waiting = [
        (-record.priority, action.waiting_since, record, action)
        for record in list(executions)
        if not (record.is_final or record.paused or record.cancelling)
        for action in list(record.actions.values())
        if action.waiting_since is not None and not action.is_control_flow
    ]
    waiting.sort(key=lambda one: one[:2])
    return [(record, action) for _, _, record, action in waiting]
