"""Who begins next of the executions that wait for a place.

Everybody ages at the same rate, so the order of two that wait never changes and is fixed when they
come into the line, which is kept sorted. One that is paused or ends leaves it; whatever lets it
begin again puts it where it was.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from execution_orchestrator.engine.state import ExecutionState, OrchestratorState
from execution_orchestrator.plan.urgency import urgency


def join(state: OrchestratorState, execution: ExecutionState) -> None:
    """Queue an execution that may begin, unless it is queued already."""
    if _may_begin(state, execution) and not _stands(state, execution):
        insort(state.line, _place(execution))


def leave(state: OrchestratorState, execution: ExecutionState) -> None:
    """Take an execution that must not begin now out of the queue."""
    if _stands(state, execution):
        del state.line[bisect_left(state.line, _place(execution))]


def first(state: OrchestratorState) -> ExecutionState | None:
    """Return the most urgent execution that may begin, None if there is none."""
    while state.line:
        found = state.pending.get(state.line[0][2])
        if found is not None and _may_begin(state, found):
            return found
        # An ended execution of its schedule was taken back, and goes on before it.
        del state.line[0]
    return None


def left(state: OrchestratorState, execution: ExecutionState) -> None:
    """Move the line on after an execution began or ended."""
    leave(state, execution)
    if execution.is_final and execution.schedule_id:
        for one in of_schedule(state, execution.schedule_id)[:1]:
            join(state, one)


def of_schedule(state: OrchestratorState, schedule_id: str) -> list[ExecutionState]:
    """Return the executions of a schedule that have not ended, the first one first."""
    found = [
        one
        for group in (state.planning, state.pending, state.running)
        for one in group.values()
        if one.schedule_id == schedule_id
    ]
    return sorted(found, key=lambda one: one.order)


def ahead(state: OrchestratorState, execution_id: str) -> str:
    """Return the execution of the same schedule that has to end before one begins, if any."""
    execution = state.executions.get(execution_id)
    if execution is None or not execution.schedule_id:
        return ""
    before = of_schedule(state, execution.schedule_id)
    return before[0].execution_id if before and before[0].order < execution.order else ""


def _place(execution: ExecutionState) -> tuple[float, int, str]:
    rank = -urgency(execution.priority, execution.accepted)
    return rank, execution.order, execution.execution_id


def _stands(state: OrchestratorState, execution: ExecutionState) -> bool:
    place = _place(execution)
    index = bisect_left(state.line, place)
    return index < len(state.line) and state.line[index] == place


def _may_begin(state: OrchestratorState, execution: ExecutionState) -> bool:
    if execution.execution_id not in state.pending:
        return False
    if execution.paused or execution.starts is not None:
        return False
    return not ahead(state, execution.execution_id)
