"""Where executions and actions stand in their lives, and which steps between them exist."""

from __future__ import annotations

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Life of an execution; the names are those of ExecutionStatus.msg."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    EXECUTING = "EXECUTING"
    PAUSED = "PAUSED"
    RECOVERING = "RECOVERING"
    COMPLETED = "COMPLETED"
    PARTIALLY_COMPLETED = "PARTIALLY_COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ActionStatus(StrEnum):
    """Life of an action; the names are those of ActionStatus.msg."""

    PENDING = "PENDING"
    READY = "READY"
    WAITING = "WAITING"
    DISPATCHED = "DISPATCHED"
    RUNNING = "RUNNING"
    RECOVERING = "RECOVERING"
    CANCELING = "CANCELING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class BreakerStatus(StrEnum):
    """Circuit breaker of one action server."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


_X = ExecutionStatus
FINAL_EXECUTION = frozenset({_X.COMPLETED, _X.PARTIALLY_COMPLETED, _X.FAILED, _X.CANCELLED})

EXECUTION_TRANSITIONS: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    _X.PENDING: frozenset({_X.PROCESSING, _X.EXECUTING, _X.PAUSED, _X.FAILED, _X.CANCELLED}),
    _X.PROCESSING: frozenset({_X.EXECUTING, _X.PAUSED, _X.FAILED, _X.CANCELLED}),
    _X.EXECUTING: frozenset({_X.PAUSED, _X.RECOVERING}) | FINAL_EXECUTION,
    _X.PAUSED: frozenset({_X.PENDING, _X.PROCESSING, _X.EXECUTING, _X.RECOVERING})
    | FINAL_EXECUTION,
    _X.RECOVERING: frozenset({_X.EXECUTING, _X.PAUSED}) | FINAL_EXECUTION,
    # Only restoring a checkpoint brings a finished execution back.
    _X.COMPLETED: frozenset({_X.EXECUTING}),
    _X.PARTIALLY_COMPLETED: frozenset({_X.EXECUTING}),
    _X.FAILED: frozenset({_X.EXECUTING}),
    _X.CANCELLED: frozenset({_X.EXECUTING}),
}

FINAL_ACTION = frozenset(
    {
        ActionStatus.SUCCEEDED,
        ActionStatus.FAILED,
        ActionStatus.SKIPPED,
        ActionStatus.CANCELLED,
    }
)
