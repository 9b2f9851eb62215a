"""Builds the record of an execution from its events, live or of the history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.metrics.record import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
)
from execution_orchestrator.plan.analysis import children


class RecordBuilder:
    """Takes the events of one execution in order."""

    def __init__(self, execution_id: str, rates: Mapping[str, float] | None = None) -> None:
        self.record = ExecutionRecord(execution_id)
        self._rates = rates or {}
        self._nodes: dict[str, Mapping[str, Any]] = {}

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
        record.plan = json.dumps(event.plan, ensure_ascii=False)
        self._index(event.plan["actions"])
        for action in event.plan["actions"]:
            self._action(action["id"])

    def _index(self, actions: Iterable[Mapping[str, Any]]) -> None:
        for action in actions:
            self._nodes[action["id"]] = action
            self._index(children(action))

    def _started(self, event: ev.ExecutionStarted) -> None:
        self.record.started = event.time
        self.record.status = "EXECUTING"

    def _paused(self, event: ev.ExecutionPaused) -> None:
        self.record.pauses.append((event.time, None))
        self.record.status = "PAUSED"

    def _resumed(self, event: ev.ExecutionResumed) -> None:
        if self.record.pauses and self.record.pauses[-1][1] is None:
            self.record.pauses[-1] = (self.record.pauses[-1][0], event.time)
        self.record.status = "EXECUTING"

    def _finished(self, event: ev.ExecutionFinished) -> None:
        self.record.ended = event.time
        self.record.status = str(event.status)
        self.record.reason = event.reason
        if self.record.pauses and self.record.pauses[-1][1] is None:
            self.record.pauses[-1] = (self.record.pauses[-1][0], event.time)

    def _planned(self, event: ev.PlanMade) -> None:
        self.record.add_planning(event.report)

    def _not_replanned(self, event: ev.ReplanFailed) -> None:
        if event.planning is not None:
            self.record.add_planning(event.planning)

    def _replanned(self, event: ev.ExecutionReplanned) -> None:
        self.record.replans += 1
        self._index(event.plan["actions"])

    def _checkpoint(self, event: ev.CheckpointCreated) -> None:
        self.record.checkpoints.append((event.time, event.checkpoint_id))

    # ------------------------------------------------------------------ actions
    def _action(self, key: str) -> ActionRecord:
        found = self.record.actions.get(key)
        if found is None:
            prefix, _, name = key.rpartition("/")
            node = self._nodes.get(name, {})
            depends = tuple(f"{prefix}/{d}" if prefix else d for d in node.get("depends_on") or ())
            found = ActionRecord(
                key=key,
                action_type=str(node.get("action_type", "")),
                description=str(node.get("description", "")),
                parent=prefix,
                depends_on=depends,
                estimated_duration=float(node.get("estimated_duration") or 0.0),
                cost_rate=float(node.get("cost_rate") or 0.0),
            )
            self.record.actions[key] = found
        return found

    def _ready(self, event: ev.TaskReady) -> None:
        action = self._action(event.key)
        action.ready = action.ready or event.time
        action.status = "READY"

    def _block(self, event: ev.BlockEntered) -> None:
        action = self._action(event.key) if event.key else None
        if action is not None:
            action.started = action.started or event.time
            action.status = "RUNNING"

    def _dispatched(self, event: ev.TaskStarted) -> None:
        action = self._action(event.key)
        action.started = action.started or event.time
        action.status = "RUNNING"
        node = self._nodes.get(event.key.rpartition("/")[2], {})
        action.attempts.append(
            AttemptRecord(
                number=event.attempt,
                dispatched=event.time,
                goal_id=event.goal_id,
                server=str(node.get("server") or ""),
            )
        )

    def _goal_accepted(self, event: ev.TaskAccepted) -> None:
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
        if attempt is not None and event.error is not None:
            attempt.error_type = str(event.error.type)
            attempt.error_code = event.error.code
            attempt.error_message = event.error.message

    def _end(self, event: ev.Event, status: str, outcome: str, reason: str = "") -> None:
        self._end_attempt(event, outcome)
        action = self._action(event.key)
        action.status = status
        action.ended = event.time
        action.reason = reason

    def _completed(self, event: ev.TaskCompleted) -> None:
        self._end(event, "SUCCEEDED", "succeeded", event.reason)

    def _failed(self, event: ev.TaskFailed) -> None:
        reason = event.error.message if event.error is not None else ""
        self._end(event, "FAILED", "failed", reason)

    def _skipped(self, event: ev.TaskSkipped) -> None:
        self._end(event, "SKIPPED", "cancelled", event.reason)

    def _cancelled(self, event: ev.TaskCancelled) -> None:
        self._end(event, "CANCELLED", "cancelled", event.reason)

    def _requeued(self, event: ev.TaskRequeued) -> None:
        self._end_attempt(event, "cancelled")
        self._action(event.key).status = "READY"

    # ------------------------------------------------------------------ resources, recovery
    def _allocated(self, event: ev.ResourceAllocated) -> None:
        for lease in event.leases:
            self.record.leases[lease.lease_id] = LeaseRecord(
                lease.lease_id,
                lease.resource,
                event.key,
                lease.amount,
                event.time,
                rate=self._rates.get(lease.resource, 0.0),
            )

    def _released(self, event: ev.ResourceReleased) -> None:
        for lease_id in event.lease_ids:
            lease = self.record.leases.get(lease_id)
            if lease is not None and lease.released is None:
                lease.released = event.time

    def _recovery(self, event: ev.RecoveryInitiated) -> None:
        self._action(event.key).status = "RECOVERING"
        error = event.error
        self.record.recoveries.append(
            RecoveryRecord(
                event.key,
                event.strategy,
                event.time,
                error_type=str(error.type) if error is not None else "",
                error_code=error.code if error is not None else "",
            )
        )

    def _recovered(self, event: ev.RecoveryFinished) -> None:
        for recovery in reversed(self.record.recoveries):
            if recovery.key == event.key and recovery.ended is None:
                recovery.ended = event.time
                recovery.outcome = str(event.outcome)
                recovery.reason = event.reason
                recovery.succeeded = event.succeeded
                return


_HANDLERS: Mapping[type, Callable[[RecordBuilder, Any], None]] = {
    ev.ExecutionAccepted: RecordBuilder._accepted,
    ev.PlanMade: RecordBuilder._planned,
    ev.ReplanFailed: RecordBuilder._not_replanned,
    ev.ExecutionStarted: RecordBuilder._started,
    ev.ExecutionPaused: RecordBuilder._paused,
    ev.ExecutionResumed: RecordBuilder._resumed,
    ev.ExecutionFinished: RecordBuilder._finished,
    ev.ExecutionReplanned: RecordBuilder._replanned,
    ev.CheckpointCreated: RecordBuilder._checkpoint,
    ev.BlockEntered: RecordBuilder._block,
    ev.TaskReady: RecordBuilder._ready,
    ev.TaskStarted: RecordBuilder._dispatched,
    ev.TaskAccepted: RecordBuilder._goal_accepted,
    ev.TaskAttemptFailed: RecordBuilder._attempt_failed,
    ev.TaskCompleted: RecordBuilder._completed,
    ev.TaskFailed: RecordBuilder._failed,
    ev.TaskSkipped: RecordBuilder._skipped,
    ev.TaskCancelled: RecordBuilder._cancelled,
    ev.TaskRequeued: RecordBuilder._requeued,
    ev.ResourceAllocated: RecordBuilder._allocated,
    ev.ResourceReleased: RecordBuilder._released,
    ev.RecoveryInitiated: RecordBuilder._recovery,
    ev.RecoveryFinished: RecordBuilder._recovered,
}
