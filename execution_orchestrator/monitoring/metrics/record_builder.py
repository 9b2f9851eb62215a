"""Builds the record of an execution from its events, live or of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.metrics.record import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
    Replanning,
)
from execution_orchestrator.plan.durations import children

GIVEN_UP = {"FAILED": "ABORT", "SKIPPED": "SKIP", "CANCELLED": "CANCELLED"}


class RecordBuilder:
    """Takes the events of one execution in order."""

    def __init__(self, execution_id: str) -> None:
        self.record = ExecutionRecord(execution_id)
        self._nodes: dict[str, Mapping[str, Any]] = {}
        self._containers: dict[str, str] = {}

    def add(self, event: ev.Event) -> None:
        """Take note of one event; kinds that do not matter here are passed over."""
        self.record.last_seen = max(self.record.last_seen, event.time)
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    # ------------------------------------------------------------------ execution
    def _accepted(self, event: ev.ExecutionAccepted) -> None:
        record = self.record
        record.accepted = event.time
        record.command = event.command or str(event.plan.get("command", ""))
        record.priority = event.priority
        record.plan = event.plan
        record.correlation_id = event.options.correlation_id
        record.reason = "waits for its turn"
        self._index(event.plan["actions"])
        for action in event.plan["actions"]:
            self._action(action["id"])

    def _index(self, actions: Iterable[Mapping[str, Any]], container: str = "") -> None:
        for action in actions:
            self._nodes[action["id"]] = action
            self._containers[action["id"]] = container
            self._index(_inside(action), action["id"])

    def _parent(self, prefix: str, name: str) -> str:
        """Return the key of the action that contains another, '' at the top."""
        container = self._containers.get(name, "")
        if not container or not prefix:
            return container
        loop = prefix.rpartition("[")[0] or prefix
        return loop if loop.rpartition("/")[2] == container else f"{prefix}/{container}"

    def _admitted(self, _: ev.ExecutionAdmitted) -> None:
        self._status("PROCESSING", "prepares its actions")

    def _started(self, event: ev.ExecutionStarted) -> None:
        self.record.started = event.time
        self._status(self._going_on(), "")

    def _paused(self, event: ev.ExecutionPaused) -> None:
        self.record.pauses.append((event.time, None))
        self._status("PAUSED", event.reason or "paused")

    def _resumed(self, event: ev.ExecutionResumed) -> None:
        self._end_pause(event.time)
        self._status(self._going_on(), "")

    def _cancelling(self, event: ev.ExecutionCancelRequested) -> None:
        self.record.reason = event.description()

    def _finished(self, event: ev.ExecutionFinished) -> None:
        self._end_pause(event.time)
        self.record.questions.clear()
        self.record.breakpoints.clear()
        self._status(str(event.status), event.reason)
        self.record.ended = event.time

    def _restored(self, event: ev.CheckpointRestored) -> None:
        self._status("EXECUTING", event.description())
        self.record.ended = None

    def _status(self, status: str, reason: str) -> None:
        self.record.status = status
        self.record.reason = reason

    def _going_on(self) -> str:
        pauses = self.record.pauses
        if pauses and pauses[-1][1] is None:
            return "PAUSED"
        return "PENDING" if self.record.started is None else "EXECUTING"

    def _end_pause(self, time: float) -> None:
        pauses = self.record.pauses
        if pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], time)

    def _planned(self, event: ev.PlanMade) -> None:
        self.record.add_planning(event.report)

    def _asks_for_a_plan(self, event: ev.ReplanRequested) -> None:
        self._status("RECOVERING", event.description())

    def _not_replanned(self, event: ev.ReplanFailed) -> None:
        if event.planning is not None:
            self.record.add_planning(event.planning)
        self._status(self._going_on(), event.description())

    def _optimised(self, event: ev.PlanOptimised) -> None:
        self.record.changes = event.changes

    def _replanned(self, event: ev.ExecutionReplanned) -> None:
        record = self.record
        record.plan = event.plan
        self._status(self._going_on(), "")
        known, kept = dict(record.actions), frozenset(event.kept)
        before, self._nodes, self._containers = self._nodes, {}, {}
        self._index(event.plan["actions"])
        dropped = []
        for key, action in known.items():
            if key in kept:
                continue
            if key.rpartition("/")[2] in self._nodes:
                self._define(action)
                action.status, action.reason, action.ended = "PENDING", "", None
            elif action.status not in GIVEN_UP and action.status != "SUCCEEDED":
                action.status, action.reason = "DROPPED", "is not in the new plan"
                dropped.append(key)
        # What was done under the old names may still be undone under them.
        self._nodes = before | self._nodes
        record.replannings.append(Replanning(event.time, tuple(dropped), ()))
        for node in event.plan["actions"]:
            self._action(node["id"])
        added = tuple(key for key in record.actions if key not in known)
        record.replannings[-1] = Replanning(event.time, tuple(dropped), added)

    def _checkpoint(self, event: ev.CheckpointCreated) -> None:
        self.record.checkpoints.append((event.time, event.checkpoint_id))

    # ------------------------------------------------------------------ actions
    def _action(self, key: str) -> ActionRecord:
        found = self.record.actions.get(key)
        if found is None:
            found = self.record.actions[key] = ActionRecord(key, "", plan=self.record.replans + 1)
            self._define(found)
        return found

    def _define(self, action: ActionRecord) -> None:
        """Take over what the plan says of an action."""
        prefix, _, name = action.key.rpartition("/")
        node = self._nodes.get(name, {})
        depends = node.get("depends_on") or ()
        action.action_type = str(node.get("action_type", ""))
        action.description = str(node.get("description", ""))
        action.parent = self._parent(prefix, name)
        action.depends_on = tuple(f"{prefix}/{d}" if prefix else d for d in depends)
        action.estimated_duration = float(node.get("estimated_duration") or 0.0)
        action.cost_rate = float(node.get("cost_rate") or 0.0)
        action.server = str(node.get("server") or "")

    def _ready(self, event: ev.TaskReady) -> None:
        action = self._action(event.key)
        if action.ready is None:
            action.ready = event.time
        action.waiting_since = event.time
        action.status = "READY"
        action.reason = event.reason or "starts next"

    def _waiting(self, event: ev.Event) -> None:
        action = self._action(event.key)
        action.status = "WAITING"
        action.reason = event.description()

    def _at_breakpoint(self, event: ev.BreakpointReached) -> None:
        self.record.breakpoints.add(event.key)
        self._waiting(event)

    def _past_breakpoint(self, event: ev.BreakpointPassed) -> None:
        self.record.breakpoints.discard(event.key)

    def _asked(self, event: ev.ConfirmationRequested) -> None:
        self.record.questions[event.key] = event.question or "Shall it go on?"
        if event.key:
            action = self._action(event.key)
            action.status = "WAITING"
            action.reason = event.description()
        else:
            self.record.reason = event.description()

    def _answered(self, event: ev.ConfirmationGiven) -> None:
        self.record.questions.pop(event.key, None)
        if not event.key:
            self.record.reason = event.description()

    def _cancel_requested(self, event: ev.TaskCancelRequested) -> None:
        action = self._action(event.key)
        action.status = "CANCELING"
        action.reason = event.description()

    def _block(self, event: ev.BlockEntered) -> None:
        action = self._action(event.key) if event.key else None
        if action is not None:
            if action.started is None:
                action.started = event.time
            action.status = "RUNNING"
            action.reason = event.block

    def _dispatched(self, event: ev.TaskStarted) -> None:
        action = self._action(event.key)
        if action.started is None:
            action.started = event.time
        action.status = "DISPATCHED"
        action.reason = ""
        action.attempts.append(
            AttemptRecord(event.attempt, event.time, goal_id=event.goal_id, server=action.server)
        )

    def _goal_accepted(self, event: ev.TaskAccepted) -> None:
        self._action(event.key).status = "RUNNING"
        attempt = self._open(event)
        if attempt is not None:
            attempt.accepted = event.time

    def _open(self, event: ev.Event) -> AttemptRecord | None:
        attempts = self._action(event.key).attempts
        if attempts and attempts[-1].ended is None:
            return attempts[-1]
        return None

    def _end_attempt(self, event: ev.Event, outcome: str) -> AttemptRecord | None:
        attempt = self._open(event)
        if attempt is not None:
            attempt.ended = event.time
            attempt.outcome = outcome
        return attempt

    def _attempt_failed(self, event: ev.TaskAttemptFailed) -> None:
        attempt = self._end_attempt(event, str(event.outcome).lower() or "failed")
        action = self._action(event.key)
        action.status = "RECOVERING"
        action.reason = event.description()
        if attempt is not None:
            attempt.error_type = str(event.error.type)
            attempt.error_code = event.error.code
            attempt.error_message = event.error.message

    def _end(self, event: ev.Event, status: str, outcome: str, reason: str = "") -> None:
        self._end_attempt(event, outcome)
        action = self._action(event.key)
        action.status = status
        action.ended = event.time
        action.reason = reason
        action.waiting_since = None
        # The last strategy of a rule may be to give up: nobody tells its end but this.
        for recovery in self.record.recoveries:
            if recovery.key == event.key and recovery.ended is None:
                recovery.ended = event.time
                recovery.outcome = GIVEN_UP.get(status, "")
                recovery.succeeded = status == "SUCCEEDED"
        self.record.questions.pop(event.key, None)
        self.record.breakpoints.discard(event.key)

    def _completed(self, event: ev.TaskCompleted) -> None:
        self._end(event, "SUCCEEDED", "succeeded", event.reason)

    def _failed(self, event: ev.TaskFailed) -> None:
        self._end(event, "FAILED", "failed", event.error.message)

    def _skipped(self, event: ev.TaskSkipped) -> None:
        self._end(event, "SKIPPED", "cancelled", event.reason or event.cause)

    def _cancelled(self, event: ev.TaskCancelled) -> None:
        self._end(event, "CANCELLED", "cancelled", event.reason)

    def _requeued(self, event: ev.TaskRequeued) -> None:
        self._end_attempt(event, "cancelled")
        action = self._action(event.key)
        action.status = "READY"
        action.reason = event.reason

    # ------------------------------------------------------------------ resources, recovery
    def _allocated(self, event: ev.ResourceAllocated) -> None:
        wanted = None
        if event.key:
            action = self._action(event.key)
            wanted, action.waiting_since = action.waiting_since, None
            robot = event.leases[0].robot if event.leases else ""
            if robot:
                servers = self._nodes.get(event.key.rpartition("/")[2], {}).get("servers") or {}
                action.server = str(servers.get(robot, action.server))
        for lease in event.leases:
            self.record.leases[lease.lease_id] = LeaseRecord(
                lease.lease_id,
                lease.resource,
                event.key,
                lease.amount,
                event.time,
                rate=lease.rate,
                resource_type=lease.type,
                wanted=wanted,
            )

    def _released(self, event: ev.ResourceReleased) -> None:
        for lease_id in event.lease_ids:
            lease = self.record.leases.get(lease_id)
            if lease is not None and lease.released is None:
                lease.released = event.time

    def _recovery(self, event: ev.RecoveryInitiated) -> None:
        action = self._action(event.key)
        action.status = "RECOVERING"
        action.reason = event.description()
        self._status("RECOVERING", event.description())
        self.record.recoveries.append(
            RecoveryRecord(
                event.key,
                event.strategy,
                event.time,
                error_type=str(event.error.type),
                error_code=event.error.code,
            )
        )

    def _recovered(self, event: ev.RecoveryFinished) -> None:
        for recovery in reversed(self.record.recoveries):
            if recovery.key == event.key and recovery.ended is None:
                recovery.ended = event.time
                recovery.outcome = str(event.outcome)
                recovery.reason = event.reason
                recovery.succeeded = event.succeeded
                break
        if self.record.status == "RECOVERING":
            self._status(self._going_on(), "")


def _inside(action: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from children(action)
    for name in ("fallback_action", "compensation"):
        if action.get(name):
            yield action[name]
    yield from action.get("recovery_plan") or ()


_HANDLERS: Mapping[type, Callable[[RecordBuilder, Any], None]] = {
    ev.ExecutionAccepted: RecordBuilder._accepted,
    ev.PlanMade: RecordBuilder._planned,
    ev.ReplanRequested: RecordBuilder._asks_for_a_plan,
    ev.ReplanFailed: RecordBuilder._not_replanned,
    ev.ExecutionAdmitted: RecordBuilder._admitted,
    ev.ExecutionStarted: RecordBuilder._started,
    ev.ExecutionPaused: RecordBuilder._paused,
    ev.ExecutionResumed: RecordBuilder._resumed,
    ev.ExecutionCancelRequested: RecordBuilder._cancelling,
    ev.ExecutionFinished: RecordBuilder._finished,
    ev.ExecutionReplanned: RecordBuilder._replanned,
    ev.CheckpointCreated: RecordBuilder._checkpoint,
    ev.CheckpointRestored: RecordBuilder._restored,
    ev.PlanOptimised: RecordBuilder._optimised,
    ev.BlockEntered: RecordBuilder._block,
    ev.TaskReady: RecordBuilder._ready,
    ev.TaskWaiting: RecordBuilder._waiting,
    ev.TaskRetryScheduled: RecordBuilder._waiting,
    ev.BreakpointReached: RecordBuilder._at_breakpoint,
    ev.BreakpointPassed: RecordBuilder._past_breakpoint,
    ev.ConfirmationRequested: RecordBuilder._asked,
    ev.ConfirmationGiven: RecordBuilder._answered,
    ev.TaskStarted: RecordBuilder._dispatched,
    ev.TaskAccepted: RecordBuilder._goal_accepted,
    ev.TaskAttemptFailed: RecordBuilder._attempt_failed,
    ev.TaskCompleted: RecordBuilder._completed,
    ev.TaskFailed: RecordBuilder._failed,
    ev.TaskSkipped: RecordBuilder._skipped,
    ev.TaskCancelRequested: RecordBuilder._cancel_requested,
    ev.TaskCancelled: RecordBuilder._cancelled,
    ev.TaskRequeued: RecordBuilder._requeued,
    ev.ResourceAllocated: RecordBuilder._allocated,
    ev.ResourceReleased: RecordBuilder._released,
    ev.RecoveryInitiated: RecordBuilder._recovery,
    ev.RecoveryFinished: RecordBuilder._recovered,
}
