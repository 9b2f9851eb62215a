"""What action servers say about goals. Five outcomes that are not success are kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import holding
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.cancellation import ask_to_cancel, cancelled
from execution_orchestrator.engine.completing import complete
from execution_orchestrator.engine.effects import CancelGoal
from execution_orchestrator.engine.failing import fail_attempt, release
from execution_orchestrator.engine.recovery import breaker
from execution_orchestrator.engine.scope import holds
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError


def on_accepted(turn: Turn, stimulus: s.GoalAccepted) -> None:
    """Note that the server works on the goal; a cancel that was wished for before is sent again."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    if not action.accepted:
        turn.emit(
            e.TaskAccepted(
                time=turn.now,
                execution_id=action.execution.execution_id,
                key=action.key,
                attempt=action.attempt,
            )
        )
    if action.status is ActionStatus.CANCELING:
        turn.wish(
            CancelGoal(
                goal_id=action.goal_id,
                execution_id=action.execution.execution_id,
                key=action.key,
            )
        )


def on_progress(turn: Turn, stimulus: s.GoalProgress) -> None:
    """Feedback is for people to see: nothing depends on it, so it is not in the journal."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    if stimulus.progress is not None:
        action.progress = stimulus.progress
    action.phase = stimulus.phase or action.phase
    action.remaining = stimulus.remaining


def on_succeeded(turn: Turn, stimulus: s.GoalSucceeded) -> None:
    """End the attempt well; what the plan demands of the result is checked."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    breaker.worked(turn, action)
    output = dict(stimulus.output) if stimulus.output is not None else {}
    if action.node.postconditions and action.intent != "cancel":
        error = _broken_promise(turn, action, output)
        if error is not None:
            fail_attempt(turn, action, "aborted", error)
            return
    complete(turn, action, output)
    release(turn, action)


def _broken_promise(turn: Turn, action: ActionState, output: Mapping[str, Any]) -> ErrorInfo | None:
    for text in action.node.postconditions:
        try:
            if holds(text, action, turn.world, status="SUCCEEDED", output=output):
                continue
            message = f"the postcondition {text} does not hold"
        except ExpressionError as failure:
            message = f"a postcondition cannot be decided: {failure}"
        return ErrorInfo(type=ErrorType.EXECUTION, code="POSTCONDITION_FAILED", message=message)
    return None


def on_rejected(turn: Turn, stimulus: s.GoalRejected) -> None:
    """End the attempt because the server refused the goal: nothing moved."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    error = ErrorInfo(
        type=ErrorType.EXECUTION,
        code="GOAL_REJECTED",
        message=stimulus.reason or "the action server rejected the goal",
    )
    _ended(turn, action, "rejected", error)


def on_failed(turn: Turn, stimulus: s.GoalFailed) -> None:
    """End the attempt because the server gave up."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is not None:
        _ended(turn, action, "aborted", stimulus.error)


def on_cancelled(turn: Turn, stimulus: s.GoalCancelled) -> None:
    """End the attempt because the goal was cancelled, by us or by somebody else."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    error = ErrorInfo(
        type=ErrorType.CANCELLATION,
        code="GOAL_CANCELLED",
        message="somebody else cancelled the goal on its server",
    )
    _ended(turn, action, "cancelled", error)


def on_lost(turn: Turn, stimulus: s.GoalLost) -> None:
    """Nobody knows the goal, or what became of it."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None:
        return
    if (
        stimulus.never_seen
        and not action.intent
        and not action.accepted
        and action.lost < turn.config.lost_redispatches
    ):
        _requeue(turn, action, stimulus.reason or "the server never saw the goal", lost=True)
        return
    error = ErrorInfo(
        type=ErrorType.CONNECTIVITY,
        code="GOAL_LOST",
        message=stimulus.reason or "nobody knows what became of the goal",
        # What cannot be done twice must not be tried again when it may have been done.
        recoverable=action.node.idempotent or stimulus.never_seen,
    )
    _ended(turn, action, "vanished", error)


def on_cancel_refused(turn: Turn, stimulus: s.CancelRefused) -> None:
    """Note that the server goes on; a pause or a preemption is then called off."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None or action.status is not ActionStatus.CANCELING:
        return
    turn.emit(
        e.TaskCancelRefused(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            reason=stimulus.reason,
        )
    )


def on_hold_failed(turn: Turn, stimulus: s.HoldFailed) -> None:
    """Stop a goal that cannot be held, or is not let go; it is sent again when it may run."""
    action = turn.state.goals.get(stimulus.goal_id)
    if action is None or action.intent or action.held is not stimulus.hold:
        return
    if action.held:
        holding.note(turn, action, held=False)
    what = "hold it" if stimulus.hold else "let it go on"
    ask_to_cancel(turn, action, "pause", f"its server does not {what}: {stimulus.reason}")


def _ended(turn: Turn, action: ActionState, outcome: str, error: ErrorInfo) -> None:
    """End a goal without success; what was wished before decides what that means."""
    intent = action.intent
    if intent == "cancel":
        cancelled(turn, action, f"{action.reason} ({outcome})")
    elif intent == "timeout":
        fail_attempt(turn, action, "timed_out", timeout_error(action))
    elif intent in ("pause", "preempt"):
        why = "the pause" if intent == "pause" else f"it made room for {action.preempted_by}"
        _requeue(turn, action, f"was stopped: {why}")
    else:
        fail_attempt(turn, action, outcome, error)


def _requeue(turn: Turn, action: ActionState, reason: str, *, lost: bool = False) -> None:
    turn.emit(
        e.TaskRequeued(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            reason=reason,
            lost=lost,
        )
    )
    release(turn, action)


def timeout_error(action: ActionState) -> ErrorInfo:
    """Return the error of an attempt that took too long."""
    limit = action.timeout if action.timeout is not None else action.node.timeout
    seconds = f" than {limit:g} s" if limit is not None else ""
    return ErrorInfo(
        type=ErrorType.TIMEOUT, code="ACTION_TIMEOUT", message=f"it took longer{seconds}"
    )


def timed_out(turn: Turn, action: ActionState) -> None:
    """Its time is over: the goal is cancelled first, then the attempt counts as failed."""
    if action.goal_id and not action.intent:
        error = timeout_error(action)
        ask_to_cancel(turn, action, "timeout", error.message)


def cancel_unanswered(turn: Turn, action: ActionState) -> None:
    """Go on without the word of a server that does not confirm the cancel in time."""
    limit = turn.config.cancel_timeout
    if action.intent == "cancel":
        reason = f"{action.reason}; the server did not confirm it in {limit:g} s"
        cancelled(turn, action, reason, confirmed=False)
    elif action.intent == "timeout":
        fail_attempt(turn, action, "timed_out", timeout_error(action))
    else:
        turn.emit(
            e.TaskCancelRefused(
                time=turn.now,
                execution_id=action.execution.execution_id,
                key=action.key,
                attempt=action.attempt,
                reason=f"no answer in {limit:g} s",
            )
        )
