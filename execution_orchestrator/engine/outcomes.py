"""The answers of action servers about goals. Outcomes that are not success are kept apart."""

from __future__ import annotations

from execution_orchestrator.engine import attempts, guards, hindrances, quarantine, stopping_below
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.attempts import (
    complete,
    fail_attempt,
    release,
    requeue,
)
from execution_orchestrator.engine.cancellation import ask_to_cancel, cancelled
from execution_orchestrator.engine.effects import CancelGoal
from execution_orchestrator.engine.recovery import breaker, decisions
from execution_orchestrator.engine.resources import answering, doubt
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import (
    ActionStatus,
    AttemptOutcome,
    CancelIntent,
    QuarantineEnd,
)
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_WAITS = (ActionStatus.READY, ActionStatus.WAITING)


def on_accepted(turn: Turn, incoming: s.GoalAccepted) -> None:
    """Note that the server works on the goal; a cancel that was asked for before is sent again."""
    action = turn.state.goals.get(incoming.goal_id)
    if action is None:
        given_up = turn.state.quarantined.get(incoming.goal_id)
        if given_up is not None:
            quarantine.stop_again(turn, given_up)
            stopping_below.found_in_quarantine(turn, given_up)
        return
    if not action.accepted:
        turn.emit(e.TaskAccepted(**turn.attempt(action)))
    if action.status is ActionStatus.CANCELING:
        turn.request(
            CancelGoal(
                goal_id=action.goal_id,
                execution_id=action.execution.execution_id,
                key=action.key,
            )
        )
        stopping_below.again(turn, action)


def on_progress(turn: Turn, incoming: s.GoalProgress) -> None:
    """Take how far a goal has come that may have to be sent again."""
    action = turn.state.goals.get(incoming.goal_id) or _given_up(turn, incoming.goal_id)
    if action is not None:
        attempts.take_feedback(turn, action, incoming.reached, incoming.feedback)


def on_succeeded(turn: Turn, incoming: s.GoalSucceeded) -> None:
    """End the attempt well; what the plan demands of the result is checked."""
    waiting = _comes_again(turn, incoming.goal_id)
    action = _last_word(turn, incoming.goal_id, "it was done all the same") or waiting
    if action is None:
        return
    breaker.worked(turn, action)
    output = attempts.with_left_out(action, incoming.output or {})
    if action.node.postconditions and action.intent is not CancelIntent.CANCEL:
        error = attempts.broken_promise(turn, action, output)
        if error is not None:
            attempts.note_anew(turn, action)
            if action is not waiting:
                fail_attempt(turn, action, AttemptOutcome.ABORTED, error)
            return
    changed = tuple(
        f"{name} is not what the plan says: a recovery changed it" for name in action.override or ()
    )
    complete(
        turn,
        action,
        output,
        incoming.warning,
        deviations=(*action.missed, *incoming.deviations, *changed),
        partial=incoming.partial or action.missed_partly,
    )
    release(turn, action)


def _last_word(
    turn: Turn, goal_id: str, reason: str, cause: QuarantineEnd = QuarantineEnd.ENDED
) -> ActionState | None:
    """Return the action that waits for a goal which has ended now; its quarantine is over."""
    quarantine.over(turn, goal_id, cause, reason)
    decisions.motion_ended(turn, goal_id, reason)
    return turn.state.goals.get(goal_id)


def _given_up(turn: Turn, goal_id: str) -> ActionState | None:
    """Return the action of a goal that was given up and may still run, if it is not over."""
    goal = turn.state.quarantined.get(goal_id)
    execution = turn.state.running.get(goal.owner) if goal is not None else None
    if goal is None or goal.interface or execution is None:
        return None
    action = execution.actions.get(goal.action)
    if action is None or action.attempt != goal.number or action.goal_id or action.is_final:
        return None
    return action


def _comes_again(turn: Turn, goal_id: str) -> ActionState | None:
    """Return the action of a goal that was given up and may still run, if it is sent again."""
    action = _given_up(turn, goal_id)
    return action if action is not None and action.status in _WAITS else None


def _ended_late(turn: Turn, incoming: s.GoalFailed | s.GoalCancelled) -> None:
    """Note what a goal did until its end that was given up; the next one goes on from there."""
    action = _given_up(turn, incoming.goal_id)
    if action is not None:
        attempts.note_end(turn, action)
        attempts.note_result(turn, action, incoming)


def on_rejected(turn: Turn, incoming: s.GoalRejected) -> None:
    """End the attempt because the server refused the goal: nothing moved."""
    action = _last_word(turn, incoming.goal_id, "its server rejected it")
    if action is None:
        return
    error = incoming.error or ErrorInfo(
        type=ErrorType.EXECUTION,
        code="GOAL_REJECTED",
        message=incoming.reason or "the action server rejected the goal",
    )
    _ended(turn, action, AttemptOutcome.REJECTED, error)


def on_failed(turn: Turn, incoming: s.GoalFailed) -> None:
    """End the attempt because the server gave up."""
    said = f"its server gave it up: {incoming.error.message}"
    _ended_late(turn, incoming)
    action = _last_word(turn, incoming.goal_id, said)
    if action is not None:
        attempts.note_result(turn, action, incoming)
        if incoming.error.code == "SERVER_UNAVAILABLE" and _another_robot(turn, action):
            # Nothing was sent, and nothing is to be recovered where another one can do it.
            requeue(turn, action, f"{incoming.error.message}; another robot is asked", lost=True)
            return
        _ended(turn, action, AttemptOutcome.ABORTED, incoming.error)


def _another_robot(turn: Turn, action: ActionState) -> bool:
    """Whether a robot may do it whose server is not known to be away, besides that of the goal."""
    again = action.intent is None and action.lost < turn.config.lost_redispatches
    return again and any(
        robot != action.robot and not doubt(turn.state, action, robot)
        for robot in answering(turn.state, action)
    )


def on_cancelled(turn: Turn, incoming: s.GoalCancelled) -> None:
    """End the attempt because the goal was cancelled, by this node or another client."""
    _ended_late(turn, incoming)
    action = _last_word(turn, incoming.goal_id, "its server cancelled it")
    if action is None:
        return
    attempts.note_result(turn, action, incoming)
    error = ErrorInfo(
        type=ErrorType.CANCELLATION,
        code="GOAL_CANCELLED",
        message="another client cancelled the goal on its server",
        # A person who stopped the robot does not expect a retry.
        recoverable=False,
    )
    _ended(turn, action, AttemptOutcome.CANCELLED, error)


def on_lost(turn: Turn, incoming: s.GoalLost) -> None:
    """End the attempt of a goal that its server does not know, or does not answer for."""
    reason = incoming.reason
    if incoming.may_run:
        action = turn.state.goals.get(incoming.goal_id)
        moved = turn.state.motions.get(incoming.goal_id)
        if action is not None:
            _give_up(turn, action, reason or "its server is silent", stands=incoming.stands)
        elif moved is not None:
            decisions.motion_unconfirmed(turn, moved, reason or "its server is silent")
        return
    if incoming.never_seen:
        action = _last_word(turn, incoming.goal_id, reason or "its server does not know it")
    else:
        ended = turn.state.goals.get(incoming.goal_id) or _given_up(turn, incoming.goal_id)
        if ended is not None:
            attempts.note_end(turn, ended)
            attempts.note_result_lost(turn, ended)
        said = reason or "its server is dead"
        action = _last_word(turn, incoming.goal_id, said, QuarantineEnd.SERVER_DEAD)
    if action is None:
        return
    if (
        incoming.never_seen
        and action.intent is None
        and not action.accepted
        and action.lost < turn.config.lost_redispatches
    ):
        requeue(turn, action, reason or "the server never saw the goal", lost=True)
        return
    error = ErrorInfo(
        type=ErrorType.CONNECTIVITY,
        code="GOAL_LOST",
        message=reason or "the outcome of the goal is unknown",
        # What cannot be done twice must not be tried again when it may have been done.
        recoverable=action.node.idempotent or incoming.never_seen,
    )
    _ended(turn, action, AttemptOutcome.VANISHED, error)


def on_cancel_refused(turn: Turn, incoming: s.CancelRefused) -> None:
    """Note that the server refused the cancel; the goal may still end within the timeout."""
    action = turn.state.goals.get(incoming.goal_id)
    if action is None or action.status is not ActionStatus.CANCELING:
        return
    turn.emit(e.TaskCancelRefused(**turn.attempt(action), reason=incoming.reason))
    stopping_below.refused(turn, action)


def on_hold_failed(turn: Turn, incoming: s.HoldFailed) -> None:
    """Cancel a goal that cannot be held or resumed; it is sent again when it may run."""
    action = turn.state.goals.get(incoming.goal_id)
    if action is None or action.intent is not None or action.held is not incoming.hold:
        return
    if action.held:
        attempts.note_held(turn, action, held=False)
    what = "hold it" if incoming.hold else "let it go on"
    why = f"its server does not {what}: {incoming.reason}"
    ask_to_cancel(turn, action, CancelIntent.PAUSE, why)


def _ended(turn: Turn, action: ActionState, outcome: AttemptOutcome, error: ErrorInfo) -> None:
    """End a goal without success; why it was to be cancelled decides what that means."""
    intent = action.intent
    unknown = outcome is AttemptOutcome.UNKNOWN
    doubtful = unknown or outcome is AttemptOutcome.VANISHED
    if doubtful:
        error = hindrances.named(turn.state, action, error)
    if intent is CancelIntent.CANCEL:
        said = error.message if unknown else outcome.value
        cancelled(turn, action, f"{action.reason} ({said})", confirmed=not unknown)
    elif intent is CancelIntent.TIMEOUT and not unknown:
        late = timeout_error(action, recoverable=error.recoverable or not doubtful)
        fail_attempt(turn, action, AttemptOutcome.TIMED_OUT, late)
    elif intent is CancelIntent.GUARD:
        known = error.recoverable or not doubtful
        guards.goal_ended(turn, action, outcome, error, known=known)
    elif not intent and error.code in hindrances.CODES:
        hindrances.ended_by_hindrance(turn, action, error)
    elif not intent and doubtful and (lost := hindrances.lost_to(turn.state, action, error)):
        hindrances.ended_by_hindrance(turn, action, lost)
    elif intent in (CancelIntent.PAUSE, CancelIntent.PREEMPT) and (
        error.recoverable or not doubtful
    ):
        pause = intent is CancelIntent.PAUSE
        why = "the pause" if pause else f"it made room for {action.preempted_by}"
        requeue(turn, action, error.message if unknown else f"was stopped: {why}")
    else:
        fail_attempt(turn, action, outcome, error)


def _give_up(turn: Turn, action: ActionState, why: str, *, stands: bool = False) -> None:
    """End the attempt of a goal that may still run; what it holds stays with it."""
    quarantine.begin(turn, action, why, stands=stands)
    error_type = ErrorType.CONNECTIVITY
    if action.intent is CancelIntent.TIMEOUT:
        error_type = ErrorType.TIMEOUT
        why = f"{timeout_error(action).message}, and {why}"
    elif action.intent is CancelIntent.GUARD:
        why = f"it was to stop ({action.reason}), and {why}"
    error = quarantine.unknown_outcome(action, error_type, why, stands=stands)
    _ended(turn, action, AttemptOutcome.UNKNOWN, error)


def timeout_error(action: ActionState, *, recoverable: bool = True) -> ErrorInfo:
    """Return the error of an attempt that took too long."""
    limit = action.timeout if action.timeout is not None else action.node.timeout
    seconds = f" than {limit:g} s" if limit is not None else ""
    return ErrorInfo(
        type=ErrorType.TIMEOUT,
        code="ACTION_TIMEOUT",
        message=f"it took longer{seconds}",
        recoverable=recoverable,
    )


def timed_out(turn: Turn, action: ActionState) -> None:
    """Its time is over: the goal is cancelled first, then the attempt counts as failed."""
    if action.goal_id and action.intent is None:
        ask_to_cancel(turn, action, CancelIntent.TIMEOUT, timeout_error(action).message)


def cancel_unanswered(turn: Turn, action: ActionState) -> None:
    """Give up waiting for a server that does not confirm a cancel in time."""
    server = action.server or "its server"
    why = f"{server} did not confirm the cancel in {turn.config.cancel_timeout:g} s"
    _give_up(turn, action, why)
