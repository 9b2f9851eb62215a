"""Who begins next of the executions that wait for a place.

Everybody ages at the same rate, so the order of two that wait never changes and is fixed when they
come into the line. One that may not begin any more (it was paused, or it ended) stays in it until
it is the first; whatever lets it begin again puts it there again.
"""

from __future__ import annotations

from heapq import heappop, heappush

from execution_orchestrator.engine.state import ExecutionState, OrchestratorState
from execution_orchestrator.plan.urgency import urgency


def join(state: OrchestratorState, execution: ExecutionState) -> None:
    """Let an execution stand in line, if it may begin."""
    if _may_begin(state, execution):
        rank = -urgency(execution.priority, execution.accepted)
        heappush(state.line, (rank, execution.order, execution.execution_id))


def first(state: OrchestratorState) -> ExecutionState | None:
    """Return the most urgent execution that may begin, None if there is none."""
    while state.line:
        found = state.pending.get(state.line[0][2])
        if found is not None and _may_begin(state, found):
            return found
        heappop(state.line)
    return None


def left(state: OrchestratorState, execution: ExecutionState) -> None:
    """Move the line on after an execution began or ended."""
    while state.line and state.line[0][2] not in state.pending:
        heappop(state.line)
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


def _may_begin(state: OrchestratorState, execution: ExecutionState) -> bool:
    if execution.execution_id not in state.pending:
        return False
    if execution.paused or execution.starts is not None:
        return False
    return not ahead(state, execution.execution_id)
