"""Folds events into views: one small method per event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.metrics.record_builder import RecordBuilder
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.ros.interface.view import (
    FINAL,
    ActionView,
    ExecutionView,
    LeaseView,
    ServerView,
    all_definitions,
)

FINISHED_KEPT = 50  # ended executions,
FINISHED_ACTIONS = 5_000  # and the actions they may have together; the newest always stays


class Projection:
    """Executions, leases and servers as the topics and results show them."""

    def __init__(self, resources: Mapping[str, ResourceSpec], servers: list[str]) -> None:
        self.resources = resources
        self.executions: OrderedDict[str, ExecutionView] = OrderedDict()
        self.leases: dict[str, LeaseView] = {}
        self.servers: dict[str, ServerView] = {name: ServerView(name) for name in servers}
        self.goals: dict[str, tuple[str, str]] = {}
        self.emergency = False
        self.emergency_reason = ""
        self._handlers: dict[type[ev.Event], Callable[[Any], object]] = {
            ev.ExecutionAccepted: self._accepted,
            ev.ExecutionAdmitted: lambda e: self._status(e, "PROCESSING", "prepares its actions"),
            ev.ExecutionStarted: self._started,
            ev.ExecutionPaused: self._paused,
            ev.ExecutionResumed: self._resumed,
            ev.ExecutionCancelRequested: lambda e: self._reason(e, e.description()),
            ev.ExecutionFinished: self._finished,
            ev.CheckpointRestored: self._restored,
            ev.ReplanRequested: lambda e: self._status(e, "RECOVERING", e.description()),
            ev.ExecutionReplanned: self._replanned,
            ev.ReplanFailed: lambda e: self._reason(e, e.description()),
            ev.BlockEntered: self._entered,
            ev.TaskReady: lambda e: self._task(e, "READY", e.reason or "starts next"),
            ev.TaskWaiting: lambda e: self._task(e, "WAITING", e.reason),
            ev.BreakpointReached: lambda e: self._task(e, "WAITING", "stopped at a breakpoint"),
            ev.ConfirmationRequested: self._asked,
            ev.TaskStarted: self._task_started,
            ev.TaskAccepted: self._task_accepted,
            ev.TaskCompleted: self._task_completed,
            ev.TaskAttemptFailed: self._attempt_failed,
            ev.TaskRequeued: lambda e: self._task(e, "READY", e.reason),
            ev.TaskRetryScheduled: lambda e: self._task(e, "WAITING", e.description()),
            ev.TaskFailed: self._task_failed,
            ev.TaskSkipped: lambda e: self._task_over(e, "SKIPPED", e.reason or e.cause),
            ev.TaskCancelRequested: lambda e: self._task(e, "CANCELING", e.reason or e.intent),
            ev.TaskCancelled: self._task_cancelled,
            ev.RecoveryInitiated: self._recovery_begins,
            ev.RecoveryFinished: self._recovery_ends,
            ev.ResourceAllocated: self._allocated,
            ev.ResourceReleased: self._released,
            ev.BreakerOpened: self._breaker_opened,
            ev.BreakerHalfOpened: lambda e: self._breaker(e.server, "HALF_OPEN"),
            ev.BreakerClosed: lambda e: self._breaker(e.server, "CLOSED"),
            ev.ServerAvailability: self._server,
            ev.EmergencyStopped: self._emergency,
            ev.EmergencyStopReset: self._emergency_over,
        }

    def apply(self, event: ev.Event) -> None:
        """Take one event."""
        handler = self._handlers.get(type(event))
        view = self.executions.get(event.execution_id)
        if view is not None:
            view.builder.add(event)
        if handler is not None and (
            view is not None or not event.execution_id or type(event) is ev.ExecutionAccepted
        ):
            handler(event)

    def recall(self, execution_id: str, facts: Iterable[ev.Event]) -> bool:
        """Show an execution of long ago again; say whether it is there now."""
        if execution_id in self.executions:
            return True
        self._forget_old()
        # Apart from the others: its leases and goals are of the past.
        apart = Projection({}, [])
        for fact in facts:
            apart.apply(fact)
        view = apart.executions.get(execution_id)
        if view is None:
            return False
        self.executions[execution_id] = view
        for key in [k for k, other in self.executions.items() if other.accepted > view.accepted]:
            self.executions.move_to_end(key)
        return True

    def progressed(
        self, goal_id: str, progress: float | None, phase: str, remaining: float | None
    ) -> str:
        """Take feedback of a goal; return the execution it belongs to, or ''."""
        owner = self.goals.get(goal_id)
        view = self.executions.get(owner[0]) if owner else None
        if owner is None or view is None:
            return ""
        action = view.action(owner[1])
        if progress is not None:
            action.progress = progress
        action.phase = phase or action.phase
        action.remaining = remaining
        return owner[0]

    def dispatched_at(self, goal_id: str) -> float:
        """Return when a goal was dispatched (Unix seconds), 0.0 if it is not known."""
        owner = self.goals.get(goal_id)
        view = self.executions.get(owner[0]) if owner else None
        if owner is None or view is None:
            return 0.0
        action = view.record.actions.get(owner[1])
        return action.attempts[-1].dispatched if action and action.attempts else 0.0

    # ------------------------------------------------------------------ executions

    def _accepted(self, event: ev.ExecutionAccepted) -> None:
        builder = RecordBuilder(event.execution_id)
        builder.add(event)
        view = ExecutionView(
            event.execution_id,
            builder,
            plan=event.plan,
            input=event.input,
            command=event.command or str(event.plan.get("command", "")),
            priority=event.priority,
            accepted=event.time,
            reason="waits for its turn",
            correlation_id=event.options.correlation_id,
        )
        self._learn(view)
        self.executions[event.execution_id] = view
        self._forget_old()

    def _learn(self, view: ExecutionView) -> None:
        for definition in all_definitions(list(view.plan.get("actions", ()))):
            view.actions.setdefault(definition["id"], ActionView(definition["id"], definition))

    def _forget_old(self) -> None:
        final = [view for view in reversed(self.executions.values()) if view.is_final]
        actions = 0
        for number, view in enumerate(final):
            actions += len(view.actions)
            if number >= FINISHED_KEPT or (number and actions > FINISHED_ACTIONS):
                del self.executions[view.execution_id]

    def _status(self, event: ev.Event, status: str, reason: str) -> None:
        view = self.executions[event.execution_id]
        if view.status not in FINAL:
            view.status = status
        view.reason = reason

    def _reason(self, event: ev.Event, reason: str) -> None:
        self.executions[event.execution_id].reason = reason

    def _started(self, event: ev.ExecutionStarted) -> None:
        view = self.executions[event.execution_id]
        view.started = event.time
        self._status(event, "PAUSED" if view.paused else "EXECUTING", "")

    def _paused(self, event: ev.ExecutionPaused) -> None:
        view = self.executions[event.execution_id]
        view.paused = True
        self._status(event, "PAUSED", event.reason or "paused")

    def _resumed(self, event: ev.ExecutionResumed) -> None:
        view = self.executions[event.execution_id]
        view.paused = False
        self._status(event, "EXECUTING" if view.started else "PENDING", "")

    def _finished(self, event: ev.ExecutionFinished) -> None:
        view = self.executions[event.execution_id]
        view.status = event.status
        view.reason = event.reason
        view.error = event.error
        view.output = event.output
        view.ended = event.time
        for goal_id in [g for g, owner in self.goals.items() if owner[0] == view.execution_id]:
            del self.goals[goal_id]

    def _restored(self, event: ev.CheckpointRestored) -> None:
        """An execution goes on from a checkpoint, perhaps after its end: it lives again."""
        view = self.executions[event.execution_id]
        view.status = "EXECUTING"
        view.reason = event.description()
        view.error = None
        view.output = None
        view.ended = 0.0
        view.actions = {}
        self._learn(view)

    def _replanned(self, event: ev.ExecutionReplanned) -> None:
        view = self.executions[event.execution_id]
        view.plan = event.plan
        view.actions = {key: a for key, a in view.actions.items() if a.status in ("SUCCEEDED",)}
        self._learn(view)
        if not event.confirm:
            self._status(event, "EXECUTING", event.description())

    # ------------------------------------------------------------------ actions

    def _task(self, event: ev.Event, status: str, reason: str) -> ActionView:
        view = self.executions[event.execution_id]
        action = view.action(event.key)
        action.status = status
        action.reason = reason
        return action

    def _task_over(self, event: ev.Event, status: str, reason: str) -> ActionView:
        action = self._task(event, status, reason)
        action.ended = event.time
        return action

    def _entered(self, event: ev.BlockEntered) -> None:
        if not event.key:
            return
        action = self._task(event, "RUNNING", event.block)
        action.started = action.started or event.time

    def _asked(self, event: ev.ConfirmationRequested) -> None:
        if event.key:
            self._task(event, "WAITING", event.description())
        else:
            self._reason(event, event.description())

    def _task_started(self, event: ev.TaskStarted) -> None:
        action = self._task(event, "DISPATCHED", "")
        action.attempt = event.attempt
        action.goal_id = event.goal_id
        action.started = action.started or event.time
        action.progress = 0.0
        action.phase = ""
        self.goals[event.goal_id] = (event.execution_id, event.key)

    def _task_accepted(self, event: ev.TaskAccepted) -> None:
        self._task(event, "RUNNING", "")

    def _task_completed(self, event: ev.TaskCompleted) -> None:
        action = self._task_over(event, "SUCCEEDED", event.reason)
        action.output = event.output
        action.progress = 1.0

    def _attempt_failed(self, event: ev.TaskAttemptFailed) -> None:
        action = self._task(event, "RECOVERING", event.description())
        action.error = event.error

    def _task_failed(self, event: ev.TaskFailed) -> None:
        self._task_over(event, "FAILED", event.error.message).error = event.error

    def _task_cancelled(self, event: ev.TaskCancelled) -> None:
        self._task_over(event, "CANCELLED", event.reason)

    # ------------------------------------------------------------------ recovery

    def _recovery_begins(self, event: ev.RecoveryInitiated) -> None:
        self._task(event, "RECOVERING", event.description())
        self._status(event, "RECOVERING", event.description())

    def _recovery_ends(self, event: ev.RecoveryFinished) -> None:
        view = self.executions[event.execution_id]
        if view.status == "RECOVERING":
            self._status(event, "PAUSED" if view.paused else "EXECUTING", "")

    # ------------------------------------------------------------------ resources and servers

    def _allocated(self, event: ev.ResourceAllocated) -> None:
        view = self.executions.get(event.execution_id)
        for lease in event.leases:
            self.leases[lease.lease_id] = LeaseView(
                lease.lease_id,
                lease.resource,
                lease.amount,
                event.execution_id,
                event.key,
                event.holder or event.key,
                event.priority,
                event.time,
            )
        if view is not None and event.key:
            action = view.action(event.key)
            action.resources = tuple(lease.resource for lease in event.leases)
            action.robot = event.leases[0].robot if event.leases else ""

    def _released(self, event: ev.ResourceReleased) -> None:
        for lease_id in event.lease_ids:
            lease = self.leases.pop(lease_id, None)
            view = self.executions.get(lease.execution_id) if lease else None
            if lease is None or view is None:
                continue
            if lease.key:
                view.action(lease.key).resources = ()

    def _breaker(self, server: str, status: str) -> ServerView:
        view = self.servers.setdefault(server, ServerView(server))
        view.breaker = status
        view.reason = "" if status == "CLOSED" else view.reason
        return view

    def _breaker_opened(self, event: ev.BreakerOpened) -> None:
        view = self._breaker(event.server, "OPEN")
        view.failures = event.failures
        view.reason = event.description()

    def _server(self, event: ev.ServerAvailability) -> None:
        view = self.servers.setdefault(event.server, ServerView(event.server))
        view.available = event.available
        view.reason = event.reason

    def _emergency(self, event: ev.EmergencyStopped) -> None:
        self.emergency = True
        self.emergency_reason = event.reason

    def _emergency_over(self, _: ev.EmergencyStopReset) -> None:
        self.emergency = False
        self.emergency_reason = ""
