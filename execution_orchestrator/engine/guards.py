"""Guards: an action with a `while` runs only as long as that holds.

Guards are evaluated first whenever the world state changes, and after every event of the
execution; there is no polling. What a false guard means is `on_guard_failed`. ``fail`` and ``skip``
stop the action, as everything else is stopped: a goal has to confirm its end, or goes into
quarantine. ``wait`` suspends it and all that is in it: goals are cancelled and come again when the
guard holds again, what is done stays done, and no attempt is counted.

A guard is not for what runs because of it, or must run in any case: a fallback, a recovery plan, a
compensation and a finally.
"""

from __future__ import annotations

from collections.abc import Iterator

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.attempts import (
    fail_attempt,
    release,
    requeue,
    wait_for_guard,
)
from execution_orchestrator.engine.cancellation import ask_to_cancel, stop_children
from execution_orchestrator.engine.inputs import StrategyFinished
from execution_orchestrator.engine.recovery import motions
from execution_orchestrator.engine.recovery.decisions import on_strategy_finished
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.scope import holds
from execution_orchestrator.engine.state import (
    UNGUARDED_BLOCKS,
    ActionState,
    guards_around,
)
from execution_orchestrator.engine.status import (
    AbortCause,
    ActionStatus,
    AttemptOutcome,
    CancelIntent,
    SkipCause,
    WaitingKind,
)
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError, UnknownValueError

GUARD_FAILED = "GUARD_FAILED"
MOST_KNOWN = 10_000  # guards of which it is remembered that they had a value
_STOPPED = (CancelIntent.CANCEL, CancelIntent.TIMEOUT, CancelIntent.GUARD)


def look(turn: Turn) -> None:
    """Look at the guards of all that runs."""
    for execution_id in list(turn.state.guarded):
        look_at(turn, execution_id)


def look_at(turn: Turn, execution_id: str) -> None:
    """Look at the guards of one execution, also while it is paused: its goals may run on."""
    for action in _of(turn, execution_id):
        _check(turn, action)


def _of(turn: Turn, execution_id: str) -> list[ActionState]:
    return list(turn.state.guarded.get(execution_id, {}).values())


def may_start(turn: Turn, action: ActionState) -> bool:
    """Say whether all guards of an action that is about to begin hold; if not, act on it."""
    for owner in reversed(list(guards_around(action))):
        if _is_over(owner) or owner.unguarded in ("fail", "skip"):
            continue  # it is being stopped; what still begins in it has to
        if not owner.unguarded:
            held, reason, policy = _verdict(turn, owner, begins=owner is action)
            if held:
                continue
            _failed(turn, owner, reason, policy)
            if policy != "wait":
                _stop(turn, owner)
                return False
            _suspend_all(turn, owner)
        if action.status is ActionStatus.PENDING:
            wait_for_guard(turn, action, owner)
        return False
    return True


def after_restart(turn: Turn, execution_id: str) -> None:
    """Finish the stops that an earlier process began."""
    for action in _of(turn, execution_id):
        if action.unguarded == "wait":
            _suspend_all(turn, action)
        elif action.unguarded and not _is_over(action):
            _stop(turn, action)


def goal_ended(
    turn: Turn, action: ActionState, outcome: AttemptOutcome, error: ErrorInfo, *, known: bool
) -> None:
    """Fail, skip or requeue an action whose goal was stopped for a guard.

    ``known``: it is certain that the goal has ended, or it does no harm to send it again.
    """
    stopped = action.unguarded in ("fail", "skip")
    if not known or (outcome is AttemptOutcome.UNKNOWN and stopped):
        fail_attempt(turn, action, outcome, error)
    elif stopped:
        conclude(turn, action)
    else:
        requeue(turn, action, "was stopped: a guard did not hold")


def conclude(turn: Turn, action: ActionState) -> None:
    """End an action, of which nothing runs any more, as its guard wants it."""
    if action.unguarded == "skip":
        turn.emit(
            e.TaskSkipped(**turn.attempt(action), cause=SkipCause.GUARD, reason=action.guard_reason)
        )
        release(turn, action)
        return
    outcome = AttemptOutcome.CANCELLED if action.goal_id else AttemptOutcome.INVALID
    fail_attempt(turn, action, outcome, guard_error(action))


def guard_error(action: ActionState) -> ErrorInfo:
    """Return the error of an action that its guard has stopped: trying again is of no use."""
    return ErrorInfo(
        type=ErrorType.EXECUTION,
        code=GUARD_FAILED,
        message=action.guard_reason,
        recoverable=False,
    )


def _check(turn: Turn, action: ActionState) -> None:
    """Stop or suspend an action whose guard no longer holds; resume one whose guard does again."""
    if action.status is ActionStatus.PENDING or _is_over(action):
        return
    if action.unguarded and action.unguarded != "wait":
        return
    held, reason, policy = _verdict(turn, action, begins=False)
    if action.unguarded:
        if held:
            _go_on(turn, action, f"{action.node.guard} holds")
    elif not held:
        _failed(turn, action, reason, policy)
        if policy == "wait":
            _suspend_all(turn, action)
        else:
            _stop(turn, action)


def _is_over(action: ActionState) -> bool:
    """Say whether the guard of an action is of no account any more."""
    flow = action.flow
    return (
        action.is_final
        or CancelIntent.CANCEL in (action.intent, action.stopping)
        or (flow is not None and (bool(flow.abort) or flow.block in UNGUARDED_BLOCKS))
        or (
            action.status is ActionStatus.RECOVERING
            and action.error is not None
            and action.error.code == GUARD_FAILED
        )
    )


def _verdict(turn: Turn, action: ActionState, *, begins: bool) -> tuple[bool, str, str]:
    """Return whether a guard holds; why not; and what that means to the action."""
    text = action.node.guard
    assert text is not None  # only actions with a guard are looked at
    policy = action.node.on_guard_failed
    known = turn.state.guards_known
    try:
        held = holds(text, action, turn.world)
    except UnknownValueError as unknown:
        if not begins and text not in known:
            # The node was restarted and has no value yet: no action is stopped for that.
            return True, "", policy
        return False, f"{text} is not known to hold: {unknown.missing}", policy
    except ExpressionError as failure:
        return False, f"its guard cannot be decided: {failure}", "fail"
    if len(known) < MOST_KNOWN:
        known.add(text)
    return (
        held,
        "" if held else f"{text} {'does not hold' if begins else 'no longer holds'}",
        policy,
    )


def _failed(turn: Turn, action: ActionState, reason: str, policy: str) -> None:
    turn.emit(e.GuardFailed(**turn.attempt(action), policy=policy, reason=reason))


def _stop(turn: Turn, action: ActionState) -> None:
    """Stop an action for good; it ends when all that it does has."""
    flow = action.flow
    if action.goal_id:
        if action.intent not in _STOPPED:
            ask_to_cancel(turn, action, CancelIntent.GUARD, action.guard_reason)
    elif flow is not None and action.status is ActionStatus.RUNNING:
        turn.emit(
            e.BlockAborted(
                **turn.action(action), cause=AbortCause.GUARD, reason=action.guard_reason
            )
        )
        stop_children(turn, action, action.guard_reason)
    elif not _give_up_strategy(turn, action):
        conclude(turn, action)


def _give_up_strategy(turn: Turn, action: ActionState) -> bool:
    """Stop the running strategy of an action; returns whether its motion has to end first."""
    if not action.run_id:
        return False
    reason = "stopped: a guard does not hold"
    if motions.stop(turn, action, CancelIntent.GUARD, reason):
        return True
    done = StrategyFinished(run_id=action.run_id, outcome=StrategyOutcome.NEXT, reason=reason)
    on_strategy_finished(turn, done)
    return False


def after_motion(turn: Turn, action: ActionState) -> bool:
    """Handle guards that failed while a recovery motion was ending; returns whether any had."""
    for owner in guards_around(action) if action.outcome is StrategyOutcome.NEXT else ():
        if _is_over(owner):
            continue
        if owner.unguarded == "wait":
            wait_for_guard(turn, action, owner)
            return True
        if owner is action and owner.unguarded:
            conclude(turn, action)
            return True
    return False


def _suspend_all(turn: Turn, owner: ActionState) -> None:
    """Let what runs in an action stop until its guard holds again."""
    for action in list(_guarded_by(owner)):
        _suspend(turn, action, owner)


def _guarded_by(action: ActionState) -> Iterator[ActionState]:
    """Yield an action and all in it that its guard is for."""
    yield action
    if action.flow is not None and action.flow.block not in UNGUARDED_BLOCKS:
        for child in list(action.flow.children.values()):
            yield from _all_in(child)


def _all_in(action: ActionState) -> Iterator[ActionState]:
    yield action
    if action.flow is not None:
        for child in list(action.flow.children.values()):
            yield from _all_in(child)


_WAITS = frozenset({WaitingKind.DELAY, WaitingKind.LATE_DELAY, WaitingKind.CONDITION})


def _suspend(turn: Turn, action: ActionState, owner: ActionState) -> None:
    status = action.status
    if action.goal_id:
        if action.intent not in _STOPPED:
            ask_to_cancel(turn, action, CancelIntent.GUARD, owner.guard_reason)
    elif (
        status is ActionStatus.READY
        or (
            # What waits for a time or the world moves nothing: only the action itself stops that.
            action is owner and action.waiting_kind in _WAITS
        )
        or (status is ActionStatus.RECOVERING and not _give_up_strategy(turn, action))
    ):
        wait_for_guard(turn, action, owner)


def run_finally_blocks(turn: Turn) -> bool:
    """Let `finally` blocks run in actions that are being stopped, despite their guard.

    They are being stopped, and a finally in them comes to its end. Says whether there was any.
    """
    found = [
        action
        for guarded in turn.state.guarded.values()
        for action in guarded.values()
        if action.unguarded == "wait" and _is_over(action)
    ]
    for action in found:
        _go_on(turn, action, "it is being stopped")
    return bool(found)


def _go_on(turn: Turn, owner: ActionState, reason: str) -> None:
    """Resume the actions that waited for a guard, unless another guard does not hold."""
    waiting = [
        action
        for action in _guarded_by(owner)
        if action.waiting_kind is WaitingKind.GUARD
        and not any(
            one.unguarded == "wait" and one is not owner and not _is_over(one)
            for one in guards_around(action)
        )
    ]
    turn.emit(
        e.GuardPassed(
            **turn.attempt(owner),
            reason=reason,
            keys=tuple(one.key for one in waiting if not one.suspended),
            recovering=tuple(one.key for one in waiting if one.suspended),
        )
    )
