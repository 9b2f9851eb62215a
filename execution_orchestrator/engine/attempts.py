"""How the attempt of an action ends and where the next one goes on.

An attempt completes its action, fails (recovery is decided next), or is given back to the queue
without a fault of its own. A goal that is sent again continues where the last feedback of the one
before placed it: a capability says with `resume` which number of its feedback is the progress of a
goal, and what that changes in the parameters of the next goal (plan/capability.py). A server that
can hold its goal in place does so during a pause.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.checkpoints import checkpoint_if_due
from execution_orchestrator.engine.effects import HoldGoal
from execution_orchestrator.engine.inputs import GoalCancelled, GoalFailed
from execution_orchestrator.engine.recovery import breaker
from execution_orchestrator.engine.scope import (
    holds,
    named_outcome,
    sent_parameters,
    whole_parameters,
)
from execution_orchestrator.engine.state import ActionState, guards_around
from execution_orchestrator.engine.status import AttemptOutcome, WaitingKind
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError

MISSED_UNKNOWN = "whether a {} was missed is not known"
DONE_TWICE = "an unknown part done twice, because nothing told how far it had come"
FRESH = 2.0  # seconds after which the last feedback does not tell how far a relative motion came
LEAST = 1e-3  # of a relative motion: a shorter rest is none, because feedback is rounded


def complete(
    turn: Turn,
    action: ActionState,
    output: Any,
    reason: str = "",
    *,
    deviations: tuple[str, ...] = (),
    partial: bool = False,
    signal: str = "",
) -> None:
    """End an action well; its `terminate_if` may end the plan around it, too."""
    node = action.node
    ends = node.kind == "return"
    named, undecided = outcome_named(action, output)
    reason = reason or undecided
    if node.terminate_if:
        own = {"status": "SUCCEEDED", "output": output, "outcome": named or None}
        try:
            if holds(node.terminate_if, action, turn.world, frame=None, **own):
                ends = True
                reason = f"{node.terminate_if} holds, the plan ends here"
        except ExpressionError as failure:
            # It is not known to hold, so the plan continues; the reason is shown.
            reason = f"terminate_if cannot be decided: {failure}"
    turn.emit(
        e.TaskCompleted(
            **turn.attempt(action),
            output=output,
            outcome=named,
            reason=reason,
            ends_scope=ends,
            deviations=deviations,
            partial=partial,
            signal=signal,
        )
    )
    if node.kind == "capability":
        checkpoint_if_due(turn, action.execution)


def outcome_named(action: ActionState, output: Any) -> tuple[str, str]:
    """Return which of the outcomes of its capability an action came to, else why it is none."""
    if not action.node.outcomes:
        return "", ""
    try:
        named = named_outcome(action.node.outcomes, output)
    except ExpressionError as failure:
        # A fallback may have done it in another way.
        return "", f"its outcome cannot be decided: {failure}"
    return named, "" if named else f"it is none of {', '.join(action.node.outcomes)}"


def fail_attempt(
    turn: Turn, action: ActionState, outcome: AttemptOutcome, error: ErrorInfo
) -> None:
    """End the attempt of an action; its recovery is decided next.

    An attempt that came further by whole items (poses, waypoints) resets the count of attempts: an
    action that makes progress is not given up for the failures before it.
    """
    breaker.failed(turn, action, error)
    note_end(turn, action)
    turn.emit(
        e.TaskAttemptFailed(
            **turn.attempt(action),
            outcome=outcome,
            error=error,
            further=_has_come_further(action),
        )
    )
    release(turn, action)


def fail_expression(turn: Turn, action: ActionState, failure: ExpressionError, what: str) -> None:
    """End the attempt because an expression has no value."""
    fail_attempt(
        turn,
        action,
        AttemptOutcome.INVALID,
        ErrorInfo(
            type=ErrorType.EXPRESSION,
            code="EXPRESSION_FAILED",
            message=f"{what}: {failure}",
            recoverable=False,
        ),
    )


def requeue(
    turn: Turn, action: ActionState, reason: str, *, lost: bool = False, hindered: bool = False
) -> None:
    """End an attempt without a fault of its own; the action comes again, if something is left."""
    note_end(turn, action)
    if nothing_left(action):
        complete_without_rest(turn, action, f"all of it was done before its goal ended: {reason}")
        return
    turn.emit(e.TaskRequeued(**turn.attempt(action), reason=reason, lost=lost, hindered=hindered))
    release(turn, action)
    owner = next((one for one in guards_around(action) if one.unguarded == "wait"), None)
    if owner is not None:
        wait_for_guard(turn, action, owner)


def nothing_left(action: ActionState) -> bool:
    """Whether goals went all the way of a relative motion: servers refuse one of no length."""
    node = action.node
    if not node.is_relative or (action.reached is None and action.carried is None):
        return False
    value = sent_parameters(action).get(node.resume["into"])
    if not isinstance(value, int | float):
        return False
    left = abs(value) - abs(action.reached or 0.0)
    return left <= LEAST * (abs(value) + abs(action.carried or 0.0))


def complete_without_rest(turn: Turn, action: ActionState, reason: str, *deviations: str) -> None:
    """End an action of which nothing is left, although its last goal did not end well."""
    error = broken_promise(turn, action, {}) if action.node.postconditions else None
    if error is not None:
        fail_attempt(turn, action, AttemptOutcome.ABORTED, error)
    else:
        complete(turn, action, {}, reason, deviations=(*action.missed, *deviations))
        release(turn, action)


def broken_promise(turn: Turn, action: ActionState, output: Mapping[str, Any]) -> ErrorInfo | None:
    """Return the error of an action that is done and does not come to what it is for."""
    named = outcome_named(action, output)[0] or None
    for text in action.node.postconditions:
        try:
            if holds(text, action, turn.world, status="SUCCEEDED", output=output, outcome=named):
                continue
            message = f"the postcondition {text} does not hold"
        except ExpressionError as failure:
            message = f"a postcondition cannot be decided: {failure}"
        return ErrorInfo(
            type=ErrorType.EXECUTION,
            code="POSTCONDITION_FAILED",
            message=message,
            # Of a relative motion that was made nothing is left to be done again.
            recoverable=not action.node.is_relative,
        )
    return None


def wait_for_guard(turn: Turn, action: ActionState, owner: ActionState) -> None:
    """Let an action wait until the guard of ``owner``, which is itself or around it, holds."""
    again = " again" if owner.started or owner.attempt else ""
    whose = "" if owner is action else f", the guard of {owner.key}"
    turn.emit(
        e.TaskWaiting(
            **turn.action(action),
            kind=WaitingKind.GUARD,
            reason=f"waits until {owner.node.guard}{again}{whose}",
        )
    )


def release(turn: Turn, action: ActionState) -> None:
    """Release the resources of an action, and resume its server if it is on hold."""
    if action.held:
        release_hold(turn, action)
    if action.leases:
        turn.emit(e.ResourceReleased(**turn.attempt(action), lease_ids=action.leases))


def hold(turn: Turn, action: ActionState) -> None:
    """Put the goal of an action on hold on its server."""
    note_held(turn, action, held=True)
    turn.request(hold_effect(action, hold=True))


def release_hold(turn: Turn, action: ActionState) -> None:
    """Resume the server, unless another action needs it on hold."""
    note_held(turn, action, held=False)
    server = action.server
    if not any(one.held and one.server == server for one in turn.state.goals.values()):
        turn.request(hold_effect(action, hold=False))


def hold_effect(action: ActionState, *, hold: bool) -> HoldGoal:
    """Return the effect that holds or resumes the goal of an action on its server."""
    return HoldGoal(
        execution_id=action.execution.execution_id,
        key=action.key,
        goal_id=action.goal_id,
        capability=action.node.action_type,
        hold=hold,
        robot=action.robot,
    )


def note_held(turn: Turn, action: ActionState, *, held: bool) -> None:
    """Emit that the goal of an action is on hold on its server, or no longer is."""
    turn.emit(e.TaskHeld(**turn.attempt(action), held=held))


PERIOD = 1.0  # seconds between two notes of a number that changes all the time


def take_feedback(
    turn: Turn, action: ActionState, reached: float | None, feedback: Mapping[str, Any] | None
) -> None:
    """Take feedback of a goal: a count is journalled at once, anything else at intervals."""
    counts = False
    resume = action.node.resume
    done = _way_done(action, reached) if resume and reached is not None else None
    if done is not None:
        action.heard, action.rounds = done
        action.heard_at = turn.now
        counts = not action.node.is_relative and action.heard != action.reached
    if feedback is not None and action.node.compensation_of_partial is not None:
        action.heard_feedback = feedback
    if counts or turn.now - action.reached_at >= PERIOD:
        note_reached(turn, action)


def note_result(turn: Turn, action: ActionState, ended: GoalFailed | GoalCancelled) -> None:
    """Journal how far a goal came, if its result tells that better than its feedback.

    What it left out on its way the next goal does not do either.
    """
    if ended.anew:
        note_anew(turn, action)
    elif ended.reached is not None:
        turn.emit(
            e.TaskReached(**turn.attempt(action), reached=ended.reached, rounds=action.rounds)
        )
    if ended.missed and action.node.resume:
        turn.emit(
            e.TaskReached(
                **turn.attempt(action),
                missed=ended.missed,
                undone=ended.undone,
                partial=ended.partial,
                left_out=None if ended.left_out is None else dict(ended.left_out),
            )
        )


def note_result_lost(turn: Turn, action: ActionState) -> None:
    """Journal that nobody knows what a goal left out of what it came by.

    Where nothing may be left out, the next goal begins where this one began.
    """
    what = action.node.resume.get("misses")
    if what and _has_come_further(action):
        if action.node.resume.get("whole"):
            note_anew(turn, action)
        else:
            missed = MISSED_UNKNOWN.format(what)
            turn.emit(e.TaskReached(**turn.attempt(action), missed=missed))


def note_anew(turn: Turn, action: ActionState) -> None:
    """Journal that the next goal begins where this one began: its feedback does not count.

    Where the goals before left out all they came by, it begins where the first of them began.
    """
    begin = _began_at(action)
    if action.undone and not something_done(action):
        turn.emit(e.TaskReached(**turn.attempt(action), anew=True))
    elif begin is not None and action.heard is not None:
        turn.emit(e.TaskReached(**turn.attempt(action), reached=begin))


def something_done(action: ActionState) -> bool:
    """Whether goals before the last one did some of the parts that they came by."""
    if action.carried is None:
        return False
    resume, whole = action.node.resume, whole_parameters(action)
    done, into = int(action.carried), whole.get(resume.get("into", ""))
    match resume.get("how"):
        case "skip":
            return done > action.undone
        case "set":
            rounds = action.carried_rounds * (_length(whole.get(resume.get("items", ""))) or 0)
            return rounds + done - _whole(into) > action.undone
        case "keep":
            return (_length(into) or 0) - done > action.undone
    return False


def with_left_out(action: ActionState, output: Mapping[str, Any]) -> dict[str, Any]:
    """Return the output of an action's last goal with what the goals before it left out."""
    whole = dict(output)
    for before in reversed(action.left_out):
        for name, value in before.items():
            last = whole.get(name)
            both = (value, last)
            if all(isinstance(one, list) for one in both) or all(type(one) is int for one in both):
                whole[name] = value + last
    return whole


def note_not_known(turn: Turn, action: ActionState) -> None:
    """Journal that the next goal of a relative motion may do a part of it for the second time.

    The one before was accepted and has ended, and no feedback said how far it had come.
    """
    unknown = action.accepted and (action.reached is None or action.unseen)
    if action.node.is_relative and unknown and DONE_TWICE not in action.missed:
        turn.emit(e.TaskReached(**turn.attempt(action), missed=DONE_TWICE))


def note_end(turn: Turn, action: ActionState) -> None:
    """Journal how far a goal has come that is over, as far as that is known."""
    note_reached(turn, action)
    if turn.now - action.heard_at > FRESH:
        note_unseen(turn, action)


def note_unseen(turn: Turn, action: ActionState) -> None:
    """Journal that a relative motion went on unseen since the last feedback, if it did."""
    heard = action.accepted and action.reached is not None and not action.unseen
    if action.node.is_relative and heard:
        turn.emit(e.TaskReached(**turn.attempt(action), unseen=True))


def note_reached(turn: Turn, action: ActionState) -> None:
    """Journal the progress and the newest feedback of a goal, if they changed."""
    reached = action.heard if action.unseen or action.heard != action.reached else None
    heard = None if action.heard_feedback == action.feedback else action.heard_feedback
    if reached is None and heard is None:
        return
    turn.emit(
        e.TaskReached(
            **turn.attempt(action),
            reached=reached,
            rounds=0 if reached is None else action.rounds,
            feedback=None if heard is None else dict(heard),
        )
    )


def _way_done(action: ActionState, number: float) -> tuple[float, int] | None:
    """Return the number that says how far an action's goal is, and the rounds done before.

    None for a number that cannot be true: below zero, beyond the end of the list, or smaller than
    the one before. Only in a round trip (``rounds``) a smaller one is right: it begins a round.
    """
    resume, sent = action.node.resume, sent_parameters(action)
    before, rounds = action.heard, action.rounds
    least: float | None
    if not isfinite(number):
        return None
    match resume["how"]:
        case "subtract":
            return number, rounds
        case "keep":
            # Servers that have not begun to count report zero; the last item always stays.
            most = _length(sent.get(resume["into"])) if before is None else before
            return (number, rounds) if 1.0 <= number <= (most or number) else None
        case "skip":
            items, least = _length(sent.get(resume["into"])), before or 0.0
        case _:
            items, least = _length(sent.get(resume.get("items", ""))), before
            if least is None:
                least = _whole(sent.get(resume["into"]))
    if number < 0.0 or (items is not None and number >= items):
        return None
    if number < least:
        if rounds >= _whole(sent.get(resume.get("rounds", ""))):
            return None
        rounds += 1
    return number, rounds


def _began_at(action: ActionState) -> float | None:
    """Return the number with which the goal of an action began, None for one without a list."""
    resume, sent = action.node.resume, sent_parameters(action)
    match resume.get("how"):
        case "set":
            return float(_whole(sent.get(resume["into"])))
        case "skip":
            return 0.0
        case "keep":
            items = _length(sent.get(resume["into"]))
            return None if items is None else float(items)
    return None


def _has_come_further(action: ActionState) -> bool:
    """Whether the goal of an action has done at least one whole item of its list or round."""
    begin, reached = _began_at(action), action.reached
    if begin is None or reached is None:
        return False
    if action.node.resume["how"] == "keep":
        return reached < begin
    return action.rounds > 0 or reached > begin


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list | tuple) and value else None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
