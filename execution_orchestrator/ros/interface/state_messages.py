"""Records to messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from builtin_interfaces.msg import Time

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.codec import event_data
from execution_orchestrator.engine.status import ACTION_NUMBERS, EXECUTION_NUMBERS, ActionStatus
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures
from execution_orchestrator.monitoring.redundant_events import levels
from execution_orchestrator.msg import (
    ActionState,
    ExecutionError,
    ExecutionEvent,
    ExecutionMetrics,
    ExecutionProgress,
    ExecutionState,
    PlanAnalysis,
    PlanChange,
    PlanGroup,
    QuarantinedGoal,
    Question,
    RecoveryEvent,
    ResourceLease,
    ResourceUsage,
    Rollback,
    ServerState,
    ValidationIssue,
)
from execution_orchestrator.observation import (
    ActionRecord,
    ExecutionRecord,
    LeaseRecord,
    ServerRecord,
)
from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.reasons import reason_now
from execution_orchestrator.observation.record import DROPPED, RollbackRecord, in_reading_order
from execution_orchestrator.plan.analysis import Analysis
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.storage.journal import JournalEntry

MAX_OUTPUT = 65_536  # characters of an action's output
SEVERITIES = {
    "debug": ExecutionError.DEBUG,
    "info": ExecutionError.INFO,
    "warning": ExecutionError.WARNING,
    "error": ExecutionError.ERROR,
    "critical": ExecutionError.CRITICAL,
}


def time_message(seconds: float | None) -> Any:
    """Unix seconds as a Time; None and 0.0 give zero."""
    if not seconds:
        return Time()
    whole = int(seconds)
    return Time(sec=whole, nanosec=min(999_999_999, round((seconds - whole) * 1e9)))


def _wall(record: ExecutionRecord, moment: float | None) -> Any:
    """Return the Time that people read of a moment of an execution."""
    return time_message(record.wall.of(moment) if moment else None)


_ENCODER = json.JSONEncoder(default=str, separators=(",", ":"))


def json_text(value: Any) -> str:
    """Plain data as JSON; '' for None."""
    return "" if value is None else _ENCODER.encode(value)


def error_message(error: ErrorInfo | None, action_id: str = "") -> Any:
    """ExecutionError of an error, an empty one for None."""
    if error is None:
        return ExecutionError()
    return ExecutionError(
        type=str(error.type.value),
        code=error.code,
        server_code=error.server_code,
        message=error.message,
        action_id=action_id,
        recoverable=error.recoverable,
        severity=SEVERITIES.get(error.severity, ExecutionError.ERROR),
        context=json_text(error.context or None),
    )


ROLLBACK_STATES = {
    "running": Rollback.RUNNING,
    "complete": Rollback.COMPLETE,
    "incomplete": Rollback.INCOMPLETE,
}


def rollback_message(rollback: RollbackRecord | None) -> Any:
    """Rollback of how what was done is undone, an empty one for None."""
    if rollback is None:
        return Rollback()
    return Rollback(
        state=ROLLBACK_STATES[rollback.state],
        undone=rollback.undone,
        not_undone=[error_message(error, key) for key, error in rollback.not_undone.items()],
        not_begun=list(rollback.left),
    )


Servers = Mapping[str, ServerRecord]


def _attempts_before(action: ActionRecord) -> int:
    """Return the attempts that an action took which an earlier plan has done, 0 for any other."""
    done = action.status == ActionStatus.SUCCEEDED and action.attempts
    return action.attempts[-1].number if done else 0


def action_message(
    record: ExecutionRecord,
    action: ActionRecord,
    servers: Servers,
    now: float,
    most_output: int = MAX_OUTPUT,
) -> Any:
    """ActionState of an action, with as many characters of its output."""
    started, ended = action.started or 0.0, action.ended or now
    # What an earlier plan has done took its attempts there.
    attempt = action.attempt or _attempts_before(action)
    message = ActionState(
        action_id=action.key,
        action_type=action.action_type,
        description=action.description,
        reason=reason_now(record, action, servers, now),
        phase=action.phase,
        progress=float(min(1.0, max(0.0, action.progress))),
        attempt=min(attempt, 65_535),
        max_attempts=min(action.attempts_allowed, 65_535),
        resources=list(action.resources),
        server=action.server,
        started=_wall(record, action.started),
        ended=_wall(record, action.ended),
        duration=max(0.0, ended - started) if started else 0.0,
        estimated_duration=action.estimated_duration,
        error=error_message(action.error, action.key),
        output=json_text(action.output)[:most_output],
        outcome=action.outcome,
    )
    message.status.value = ACTION_NUMBERS[ActionStatus(action.status)]
    if action.goal_id:
        message.goal_id.uuid = list(UUID(action.goal_id).bytes)
    return message


def shown_actions(record: ExecutionRecord) -> list[ActionRecord]:
    """Return the actions of what runs now, or ran last: not those of plans that were replaced."""
    return [action for action in in_reading_order(record) if action.status != DROPPED]


def progress_message(record: ExecutionRecord, now: float) -> Any:
    """ExecutionProgress of an execution."""
    progress = progress_of(record, now)
    return ExecutionProgress(
        percentage=progress.percentage,
        completed_actions=progress.completed,
        total_actions=progress.total,
        elapsed=progress.elapsed,
        estimated_remaining=float(progress.remaining),
        current_phase=progress.phase,
        running_actions=list(progress.running),
    )


def execution_message(record: ExecutionRecord, now: float) -> Any:
    """ExecutionState of an execution, without its actions."""
    message = ExecutionState(
        execution_id=record.execution_id,
        plan_id=str(record.plan.get("id", "")),
        command=record.command,
        reason=record.reason,
        priority=record.priority,
        progress=progress_message(record, now),
        error=error_message(record.error),
        rollback=rollback_message(record.rollback),
        accepted=_wall(record, record.accepted),
        started=_wall(record, record.started),
        ended=_wall(record, record.ended),
        requester=record.requester,
        trace_id=record.correlation_id,
        questions=[
            Question(action_id=key, question=text) for key, text in record.questions.items()
        ],
    )
    message.status.value = EXECUTION_NUMBERS[record.status]
    return message


def lease_message(lease: LeaseRecord) -> Any:
    """ResourceLease of a lease."""
    return ResourceLease(
        lease_id=lease.lease_id,
        resource=lease.resource,
        amount=float(lease.amount),
        execution_id=lease.execution_id,
        action_id=lease.key,
        holder=lease.holder,
        priority=lease.priority,
        acquired=time_message(lease.since),
        quarantine=lease.quarantine,
    )


def quarantine_message(goal: ev.GoalQuarantined) -> Any:
    """QuarantinedGoal of a goal whose end is not confirmed."""
    return QuarantinedGoal(
        goal_id=goal.goal_id,
        execution_id=goal.owner,
        action_id=goal.action,
        strategy=goal.capability if goal.interface else "",
        server=goal.server,
        resources=[lease.resource for lease in goal.leases],
        reason=goal.reason,
        since=time_message(goal.wall),
    )


def server_message(server: ServerRecord) -> Any:
    """ServerState of a server."""
    return ServerState(
        name=server.name,
        available=bool(server.available),
        breaker=getattr(ServerState, server.breaker),
        consecutive_failures=server.failures,
        # One that was never asked for is not known to be away.
        reason=server.reason or ("not there" if server.available is False else ""),
    )


def event_messages(
    entries: Sequence[JournalEntry], correlation_id: Callable[[str], str]
) -> list[Any]:
    """ExecutionEvent of each journal entry; ``correlation_id`` is asked for that of an execution.

    What says no more than another of these entries has the level DEBUG.
    """
    shown = levels([entry.event for entry in entries])
    return [
        _event_message(entry, level, correlation_id(entry.event.execution_id))
        for entry, level in zip(entries, shown, strict=True)
    ]


def _event_message(entry: JournalEntry, level: int, correlation_id: str) -> Any:
    event = entry.event
    return ExecutionEvent(
        stamp=time_message(event.wall),
        event_id=f"{entry.sequence}",
        sequence=entry.sequence,
        execution_id=event.execution_id,
        action_id=event.key,
        attempt=min(event.attempt, 65_535),
        type=ev.event_type(event),
        level=level,
        description=event.description(),
        data=json_text(event_data(event)),
        correlation_id=correlation_id,
    )


def recovery_message(event: ev.Event) -> Any:
    """RecoveryEvent of a RecoveryInitiated or RecoveryFinished, None for other events."""
    if isinstance(event, ev.RecoveryInitiated):
        return RecoveryEvent(
            stamp=time_message(event.wall),
            execution_id=event.execution_id,
            action_id=event.key,
            attempt=event.attempt,
            error=error_message(event.error, event.key),
            strategy=event.strategy,
            phase=RecoveryEvent.STARTED,
            reason=event.reason or event.error.message,
            strategies_left=event.strategies_left,
        )
    if isinstance(event, ev.RecoveryFinished):
        if event.outcome == "ABORT":
            phase = RecoveryEvent.GAVE_UP
        else:
            phase = RecoveryEvent.SUCCEEDED if event.succeeded else RecoveryEvent.FAILED
        return RecoveryEvent(
            stamp=time_message(event.wall),
            execution_id=event.execution_id,
            action_id=event.key,
            attempt=event.attempt,
            strategy=event.strategy,
            phase=phase,
            outcome=event.outcome,
            reason=event.reason,
            delay=event.delay,
        )
    return None


def issue_message(issue: Issue) -> Any:
    """ValidationIssue of an issue."""
    return ValidationIssue(
        code=str(issue.code),
        severity=int(issue.severity),
        pointer=issue.pointer,
        line=issue.line,
        column=issue.column,
        message=issue.message,
        hint=issue.hint,
    )


def analysis_message(analysis: Analysis | None) -> Any:
    """PlanAnalysis of an analysis, an empty one for None."""
    if analysis is None:
        return PlanAnalysis()
    return PlanAnalysis(
        plan_id=analysis.plan_id,
        action_count=analysis.action_count,
        groups=[
            PlanGroup(
                index=group.index,
                action_ids=list(group.action_ids),
                resources=list(group.resources),
                start=float(group.start),
                duration=float(group.duration),
            )
            for group in analysis.groups
        ],
        critical_path=list(analysis.critical_path),
        makespan=float(analysis.makespan),
        sequential_duration=float(analysis.sequential_duration),
        capabilities=list(analysis.capabilities),
        suggestions=list(analysis.suggestions),
        changes=[
            PlanChange(
                kind=change.kind,
                action_ids=list(change.action_ids),
                reason=change.reason,
                before=float(change.before),
                after=float(change.after),
                applied=change.applied,
            )
            for change in analysis.changes
        ],
    )


def metrics_message(figures: ExecutionFigures) -> Any:
    """ExecutionMetrics of the figures."""
    return ExecutionMetrics(
        total_duration=figures.total_duration,
        effective_duration=figures.effective_duration,
        total_cost=figures.total_cost,
        resource_efficiency=figures.resource_efficiency,
        parallel_efficiency=figures.parallel_efficiency,
        quality_score=figures.quality_score,
        success_rate=figures.success_rate,
        error_rate=figures.error_rate,
        throughput=figures.throughput,
        attempts=figures.attempts,
        retries=figures.retries,
        recoveries=figures.recoveries,
        replans=figures.replans,
        planning_time=figures.planning_time,
        planning_tokens=figures.planning_tokens,
        planning_cost=figures.planning_cost,
    )


def usage_messages(record: ExecutionRecord, figures: ExecutionFigures) -> list[Any]:
    """ResourceUsage of every use of a resource."""
    return [
        ResourceUsage(
            resource=use.resource,
            type=use.resource_type,
            action_id=use.key,
            amount=float(use.amount),
            duration=use.duration,
            effective=use.effective,
            efficiency=use.efficiency,
            cost=use.cost,
            started=_wall(record, use.acquired),
            ended=_wall(record, use.released),
        )
        for use in figures.resource_uses
    ]
