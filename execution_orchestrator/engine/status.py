"""The statuses of executions and actions, and the transitions between them."""

from __future__ import annotations

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Status of an execution; the names are those of ExecutionStatus.msg."""

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
    """Status of an action; the names are those of ActionStatus.msg."""

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


# The numbers of ExecutionStatus.msg and ActionStatus.msg.
EXECUTION_NUMBERS: dict[ExecutionStatus, int] = {
    ExecutionStatus.PENDING: 1,
    ExecutionStatus.PROCESSING: 2,
    ExecutionStatus.EXECUTING: 3,
    ExecutionStatus.PAUSED: 4,
    ExecutionStatus.RECOVERING: 5,
    ExecutionStatus.COMPLETED: 10,
    ExecutionStatus.PARTIALLY_COMPLETED: 11,
    ExecutionStatus.FAILED: 12,
    ExecutionStatus.CANCELLED: 13,
}
ACTION_NUMBERS: dict[ActionStatus, int] = {
    ActionStatus.PENDING: 1,
    ActionStatus.READY: 2,
    ActionStatus.WAITING: 3,
    ActionStatus.DISPATCHED: 4,
    ActionStatus.RUNNING: 5,
    ActionStatus.RECOVERING: 6,
    ActionStatus.CANCELING: 7,
    ActionStatus.SUCCEEDED: 10,
    ActionStatus.FAILED: 11,
    ActionStatus.SKIPPED: 12,
    ActionStatus.CANCELLED: 13,
}

EXECUTION_NAMES = {number: status for status, number in EXECUTION_NUMBERS.items()}
ACTION_NAMES = {number: status for status, number in ACTION_NUMBERS.items()}


class BreakerStatus(StrEnum):
    """Circuit breaker of one action server."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class AttemptOutcome(StrEnum):
    """How an attempt ended without success: never one "failure".

    UNKNOWN: the robot may still be doing it; INVALID: it was never sent; HELD_BACK: it was
    never sent, because its server could not be used for too long.
    """

    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    VANISHED = "vanished"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    HELD_BACK = "held_back"


class CancelIntent(StrEnum):
    """Why a server was asked to cancel a goal.

    CANCEL ends the action and TIMEOUT the attempt; PAUSE and PREEMPT bring the action back later.
    GUARD ends it, or brings it back when its guard holds again.
    """

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    PAUSE = "pause"
    PREEMPT = "preempt"
    GUARD = "guard"


class CancelCause(StrEnum):
    """Why an execution stops what it does.

    After RESTORE it continues from a checkpoint, after REPLAN with another plan; after all others
    it ends. REFUSED: a person did not confirm the plan.
    """

    CANCEL = "cancel"
    DEADLINE = "deadline"
    EMERGENCY = "emergency"
    REFUSED = "refused"
    FAILURE = "failure"
    RESTORE = "restore"
    REPLAN = "replan"


class AbortCause(StrEnum):
    """Why a block stops what runs in it.

    ENOUGH: the others are no longer needed. NONE: what ran before a `finally` was not stopped.
    """

    FAILURE = "failure"
    RETURN = "return"
    CANCEL = "cancel"
    GUARD = "guard"
    ENOUGH = "enough"
    NONE = "done"


class SkipCause(StrEnum):
    """Why an action is not run.

    DEPENDENCY: an action that it depends on did not succeed; LEFT_OUT: one was skipped that takes
    its dependents with it; ENDED: its block ended first.
    """

    CONDITION = "condition"
    DEPENDENCY = "dependency"
    LEFT_OUT = "left_out"
    GUARD = "guard"
    RECOVERY = "recovery"
    ENDED = "ended"


class WaitingKind(StrEnum):
    """What an action waits for that is neither another action nor a resource."""

    DELAY = "delay"
    LATE_DELAY = "late_delay"  # a delay that its timeout ends before it is over
    CONDITION = "condition"
    SIGNAL = "signal"
    GUARD = "guard"
    CONFIRMATION = "confirmation"
    BREAKPOINT = "breakpoint"
    RETRY = "retry"


class TimerKind(StrEnum):
    """What a timer ends or begins; its id starts with the value.

    DEADLINE is in execution time, and START, UNTIL and SCHEDULE are moments of the wall clock.
    """

    # Of an action.
    TIMEOUT = "timeout"
    CANCEL = "cancel"  # by when the server has to confirm a cancel
    BELOW = "below"  # when the servers below one that ignores a cancel are cancelled, too
    WAIT = "wait"  # the end of a delay, or the longest wait for a condition or a signal
    POLL = "poll"  # when an awaited condition is evaluated again
    RETRY = "retry"
    STRATEGY = "strategy"  # the longest time for a recovery strategy
    RECOVERY_STOP = "recovery_stop"  # by when the motion of a stopped strategy has to end
    HELD_BACK = "held_back"  # the longest wait for a server that cannot be used now
    CONFIRM = "confirm"  # the longest wait for a person, also of an execution
    # Of an execution.
    START = "start"
    DEADLINE = "deadline"
    UNTIL = "until"  # a deadline that is a moment of the wall clock
    PLANNING = "planning"
    REPLAN = "replan"
    # Of a server, a capability, a lease, a request for leases, and a schedule.
    BREAKER = "breaker"
    RATE = "rate"
    LEASE = "lease"
    LEASE_REQUEST = "lease_request"
    SCHEDULE = "schedule"


class QuarantineEnd(StrEnum):
    """How it became known that a goal in quarantine is over.

    ENDED: its server said so; RELEASED: a person said so.
    """

    ENDED = "ended"
    SERVER_DEAD = "server_dead"
    RELEASED = "released"


_X = ExecutionStatus
SUCCESSFUL_EXECUTION = frozenset({_X.COMPLETED, _X.PARTIALLY_COMPLETED})
NOT_DONE = frozenset({_X.FAILED, _X.CANCELLED})  # may be begun again under their id
FINAL_EXECUTION = SUCCESSFUL_EXECUTION | NOT_DONE


def status_of(
    *,
    paused: bool,
    planning: bool,
    started: bool,
    recovering: bool,
    waiting_for_confirmation: bool,
) -> ExecutionStatus:
    """Return the status of an execution that has not ended.

    ``planning``: its first plan is being made. ``recovering``: an action recovers, what was done
    is undone, or another plan is made.
    """
    if paused:
        return ExecutionStatus.PAUSED
    if planning:
        return ExecutionStatus.PROCESSING
    if not started:
        return ExecutionStatus.PENDING
    if recovering or waiting_for_confirmation:
        return ExecutionStatus.RECOVERING
    return ExecutionStatus.EXECUTING


EXECUTION_TRANSITIONS: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    _X.PENDING: frozenset({_X.PROCESSING, _X.EXECUTING, _X.PAUSED, _X.FAILED, _X.CANCELLED}),
    # A goal that asked for a schedule is over when that is set.
    _X.PROCESSING: frozenset({_X.PENDING, _X.PAUSED, _X.COMPLETED, _X.FAILED, _X.CANCELLED}),
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
# An action server or a recovery works on it.
ACTIVE_ACTION = frozenset(
    {
        ActionStatus.DISPATCHED,
        ActionStatus.RUNNING,
        ActionStatus.RECOVERING,
        ActionStatus.CANCELING,
    }
)
