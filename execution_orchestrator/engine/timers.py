"""Timers that are due."""

from __future__ import annotations

from collections.abc import Callable

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import (
    external_leases,
    hindrances,
    intake,
    outcomes,
    replanning,
    schedule_firings,
    steering,
    stopping_below,
)
from execution_orchestrator.engine.attempts import complete, fail_attempt
from execution_orchestrator.engine.cancellation import deadline_passed, stop_children
from execution_orchestrator.engine.control_flow import check_condition
from execution_orchestrator.engine.effects import SetTimer
from execution_orchestrator.engine.inputs import StrategyFinished, TimerFired
from execution_orchestrator.engine.recovery import breaker, motions
from execution_orchestrator.engine.recovery.decisions import on_strategy_finished, stop_unanswered
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.state import ActionState, Timer
from execution_orchestrator.engine.status import (
    AbortCause,
    AttemptOutcome,
    CancelIntent,
    TimerKind,
    WaitingKind,
)
from execution_orchestrator.engine.turn import Turn

_EARLY = 0.001  # seconds a timer may fire too early: clocks round
# Of timers that end what may be ready to begin.
_ENDING = frozenset(
    {TimerKind.DEADLINE, TimerKind.UNTIL, TimerKind.TIMEOUT, TimerKind.LEASE_REQUEST}
)


def on_timer(turn: Turn, incoming: TimerFired) -> None:
    """Handle a timer that fired; one that is not due yet (the clock was set back) is set again."""
    timer = turn.state.timers.get(incoming.timer_id)
    if timer is None:
        return
    if timer.at > (turn.wall if timer.wall else turn.now) + _EARLY:
        turn.request(SetTimer(timer_id=incoming.timer_id, at=timer.at, wall=timer.wall))
        return
    if timer.kind in _OF_ACTIONS:
        execution = turn.state.executions.get(timer.execution_id)
        action = execution.actions.get(timer.subject) if execution is not None else None
        if action is not None:
            _OF_ACTIONS[timer.kind](turn, action)
    else:
        _OF_OTHERS[timer.kind](turn, timer)
    if timer.kind in _ENDING:
        # What waited for it (scheduler._is_over) may begin after all: it tidies up, say.
        turn.state.queues.all_dirty()


def _timeout(turn: Turn, action: ActionState) -> None:
    if action.goal_id:
        # The timeout of a goal on hold is suspended, too.
        if not action.held:
            outcomes.timed_out(turn, action)
        return
    error = outcomes.timeout_error(action)
    if action.flow is not None and not action.flow.abort:
        # A control-flow action: what runs inside is stopped first.
        turn.emit(
            e.BlockAborted(
                **turn.action(action), cause=AbortCause.FAILURE, reason=error.message, error=error
            )
        )
        stop_children(turn, action, error.message)


_TIMED = frozenset({WaitingKind.LATE_DELAY, WaitingKind.CONDITION, WaitingKind.SIGNAL})


def _wait(turn: Turn, action: ActionState) -> None:
    if action.waiting_kind is WaitingKind.DELAY:
        complete(turn, action, None, "the delay is over")
    elif action.waiting_kind in _TIMED:
        fail_attempt(turn, action, AttemptOutcome.TIMED_OUT, outcomes.timeout_error(action))


def _poll(turn: Turn, action: ActionState) -> None:
    if action.waiting_kind is WaitingKind.CONDITION:
        check_condition(turn, action, polled=True)


def _retry(turn: Turn, action: ActionState) -> None:
    turn.emit(e.TaskRetryDue(**turn.attempt(action)))


def _confirm(turn: Turn, timer: Timer) -> None:
    execution = turn.state.executions.get(timer.execution_id)
    if execution is None:
        return
    action = execution.actions.get(timer.subject) if timer.subject else None
    approve = action is not None and action.node.confirmation_default
    steering.answer(turn, execution, timer.subject, approve=approve, timed_out=True)


def _deadline(turn: Turn, timer: Timer) -> None:
    execution = turn.state.executions.get(timer.execution_id)
    if execution is not None:
        deadline_passed(turn, execution)


def _strategy(turn: Turn, action: ActionState) -> None:
    reason = f"{action.recovery} took too long"
    if not motions.stop(turn, action, CancelIntent.TIMEOUT, reason):
        done = StrategyFinished(run_id=action.run_id, outcome=StrategyOutcome.NEXT, reason=reason)
        on_strategy_finished(turn, done)


def _rate(turn: Turn, timer: Timer) -> None:
    turn.emit(e.RateLimitPassed(time=turn.now, capability=timer.subject))


_OF_ACTIONS: dict[TimerKind, Callable[[Turn, ActionState], None]] = {
    TimerKind.TIMEOUT: _timeout,
    TimerKind.CANCEL: outcomes.cancel_unanswered,
    TimerKind.BELOW: stopping_below.on_timer,
    TimerKind.WAIT: _wait,
    TimerKind.POLL: _poll,
    TimerKind.RETRY: _retry,
    TimerKind.STRATEGY: _strategy,
    TimerKind.RECOVERY_STOP: stop_unanswered,
    TimerKind.HELD_BACK: hindrances.patience_over,
}
_OF_OTHERS: dict[TimerKind, Callable[[Turn, Timer], None]] = {
    TimerKind.CONFIRM: _confirm,
    TimerKind.DEADLINE: _deadline,
    TimerKind.UNTIL: _deadline,
    TimerKind.START: lambda turn, timer: intake.due(turn, timer.execution_id),
    TimerKind.SCHEDULE: lambda turn, timer: schedule_firings.due(turn, timer.subject),
    TimerKind.RATE: _rate,
    TimerKind.BREAKER: lambda turn, timer: breaker.half_open(turn, timer.subject),
    TimerKind.LEASE: lambda turn, timer: external_leases.expired(turn, timer.subject),
    TimerKind.LEASE_REQUEST: lambda turn, timer: external_leases.request_expired(
        turn, timer.subject
    ),
    TimerKind.PLANNING: lambda turn, timer: intake.unanswered(turn, timer.execution_id),
    TimerKind.REPLAN: lambda turn, timer: replanning.unanswered(turn, timer.execution_id),
}
