"""The reason for the status of an execution or an action, the same on every display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.status import ActionStatus, BreakerStatus
from execution_orchestrator.engine.waiting_reasons import waits_for_breaker
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord, ServerRecord
from execution_orchestrator.plan.counted import some

NAMED_AT_MOST = 3

_AFTER: Mapping[type[ev.Event], Callable[[Any], str]] = {
    ev.ExecutionRequested: lambda e: (
        "accepted in pause" if e.options.start_paused else "its plan is being made"
    ),
    ev.ExecutionAccepted: lambda e: (
        "accepted in pause" if e.options.start_paused else e.waits or "waits for its turn"
    ),
    ev.ExecutionDue: lambda _: "waits for its turn",
    ev.ExecutionAdmitted: lambda _: "prepares its actions",
    ev.ExecutionStarted: lambda _: "",
    ev.ExecutionPaused: lambda e: e.reason or "paused",
    ev.ExecutionResumed: lambda _: "",
    ev.ExecutionFinished: lambda e: e.reason,
    ev.EngineFault: lambda e: e.reason,
    ev.BlockEntered: lambda e: f"runs {e.block}",
    ev.TaskReady: lambda e: e.reason or "starts when its resources are free",
    ev.TaskWaiting: lambda e: e.reason,
    ev.BreakpointReached: lambda _: "stopped at a breakpoint",
    ev.BreakpointPassed: lambda _: "",
    ev.TaskStarted: lambda _: "",
    ev.TaskAccepted: lambda _: "",
    ev.TaskCompleted: lambda e: e.reason or (f"outcome {e.outcome}" if e.outcome else ""),
    ev.TaskRequeued: lambda e: e.reason,
    ev.TaskHeldBack: lambda e: e.reason,
    ev.GuardFailed: lambda e: e.reason,
    ev.TaskNoticed: lambda e: e.notice,
    ev.TaskRetryDue: lambda _: "",
    ev.TaskFailed: lambda e: e.error.message,
    ev.TaskSkipped: lambda e: e.reason or e.cause,
    ev.TaskCancelRequested: lambda e: e.reason or e.intent,
    ev.TaskHeld: lambda e: "is held on its server" if e.held else "",
    ev.TaskCancelled: lambda e: e.reason,
}


def reason_after(event: ev.Event) -> str:
    """Return the reason that an event gives, or its description if it gives none."""
    words = _AFTER.get(type(event))
    return event.description() if words is None else words(event)


def reason_now(
    record: ExecutionRecord,
    action: ActionRecord,
    servers: Mapping[str, ServerRecord],
    now: float,
) -> str:
    """Return the reason for an action's status at a moment (Unix seconds)."""
    if action.status == ActionStatus.PENDING and action.attempt and record.paused:
        # Its delay before the next attempt is over.
        return f"comes again, but the execution is paused: {record.reason}"
    if record.paused and action.outlasts_a_pause and not action.reason:
        return f"goes on to its end: a pause does not stop {action.action_type}"
    if action.status != ActionStatus.READY:
        return action.reason
    if record.paused:
        return f"ready, but the execution is paused: {record.reason}"
    server = servers.get(action.server)
    if server is not None and server.breaker is BreakerStatus.OPEN:
        return waits_for_breaker(server.name, server.failures, server.until - now)
    return action.reason


def goes_on_in_a_pause(record: ExecutionRecord) -> str:
    """Return what a pause lets the robot do to its end; empty if nothing."""
    keys = [action.key for action in record.actions.values() if action.outlasts_a_pause]
    if not keys:
        return ""
    goes_on = "goes on to its end" if len(keys) == 1 else "go on to their end"
    return f"{some(keys, NAMED_AT_MOST)} {goes_on}"
