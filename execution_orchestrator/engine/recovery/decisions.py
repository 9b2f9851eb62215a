"""After a failed attempt: the next strategy of the table, and what follows from its result."""

from __future__ import annotations

import zlib
from itertools import compress
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import quarantine
from execution_orchestrator.engine.attempts import release
from execution_orchestrator.engine.cancellation import cancelled
from execution_orchestrator.engine.checkpoints import request_restore
from execution_orchestrator.engine.effects import RunStrategy
from execution_orchestrator.engine.inputs import StrategyFinished
from execution_orchestrator.engine.recovery import dead_letters, motions
from execution_orchestrator.engine.recovery.built_in import BUILT_IN, can_replan, can_restore
from execution_orchestrator.engine.recovery.policy import StrategyEntry
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.scope import sent_parameters
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import CancelCause, CancelIntent, SkipCause
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_NOTHING_KNOWN = ErrorInfo(type=ErrorType.UNKNOWN, code="UNKNOWN", message="it failed")


def decide(turn: Turn, action: ActionState) -> None:
    """Decide how to recover an action whose attempt failed."""
    if action.run_id:
        return
    outcome = action.outcome
    if action.recovery:
        _do_built_in(turn, action, action.recovery)
    elif isinstance(outcome, StrategyOutcome) and outcome in _CONSEQUENCES:
        _CONSEQUENCES[outcome](turn, action)
    else:
        _next_strategy(turn, action)


def _entries(turn: Turn, action: ActionState) -> tuple[StrategyEntry, ...]:
    entries = turn.config.recovery.strategies(action.node.recovery, action.error or _NOTHING_KNOWN)
    if action.node.kind != "capability":
        known = (BUILT_IN.get(entry.strategy) for entry in entries)
        for_blocks = (one is not None and one.for_blocks for one in known)
        entries = tuple(compress(entries, for_blocks))
    return entries


def _next_strategy(turn: Turn, action: ActionState) -> None:
    entries = _entries(turn, action)
    for position in range(action.position, len(entries)):
        entry = entries[position]
        if not _usable(turn, action, entry):
            continue
        _initiate(turn, action, entry, position, len(entries) - position - 1)
        return
    if action.runs:
        turn.emit(
            e.RecoveryFinished(
                **turn.attempt(action), outcome=StrategyOutcome.ABORT, reason="no strategy is left"
            )
        )
    else:
        fail_for_good(turn, action, action.error)


def _usable(turn: Turn, action: ActionState, entry: StrategyEntry) -> bool:
    known = BUILT_IN.get(entry.strategy)
    unknown = action.error is not None and action.error.code == quarantine.OUTCOME_UNKNOWN
    if known is not None and known.repeats and unknown and not action.node.idempotent:
        return False
    if known is None or known.limited:
        used = (action.runs or {}).get(entry.strategy, 0)
        if used >= entry.max_runs:
            return False
    return known is None or known.usable(turn, action)


def _initiate(
    turn: Turn, action: ActionState, entry: StrategyEntry, position: int, left: int
) -> None:
    error = action.error or _NOTHING_KNOWN
    run_id = _run_id(action, entry.strategy, _runs(action, entry.strategy))
    external = entry.strategy not in BUILT_IN
    timeout = entry.timeout or turn.config.strategy_timeout
    held = motions.take_resources(turn, action, entry.strategy, run_id) if external else ""
    turn.emit(
        e.RecoveryInitiated(
            **turn.attempt(action),
            run_id=run_id,
            strategy=entry.strategy,
            position=position,
            error=error,
            settings=entry.settings,
            strategies_left=left,
            until=turn.now + timeout if external else None,
            reason=f"{error.code}: {error.message}",
        )
    )
    if held:
        on_strategy_finished(
            turn, StrategyFinished(run_id=run_id, outcome=StrategyOutcome.NEXT, reason=held)
        )
    elif external:
        turn.request(strategy_effect(turn, action))


def _runs(action: ActionState, strategy: str) -> int:
    """Return how often a strategy ran for an action, in whichever plan: runs have names once."""
    return action.execution.recoveries.get(f"{action.key}/{strategy}", 0)


def _run_id(action: ActionState, strategy: str, run: int) -> str:
    execution_id = action.execution.execution_id
    return f"{execution_id}/{action.key}/{action.attempt}/{strategy}/{run}"


def strategy_effect(turn: Turn, action: ActionState) -> RunStrategy:
    """Return the effect that runs, or after a restart continues, the strategy of an action."""
    motion = action.motion
    entry = _current(turn, action)
    return RunStrategy(
        run_id=action.run_id,
        strategy=action.recovery,
        execution_id=action.execution.execution_id,
        key=action.key,
        attempt=action.attempt,
        capability=action.node.action_type,
        error=action.error or _NOTHING_KNOWN,
        settings=entry.settings if entry is not None else {},
        parameters=sent_parameters(action),
        run=(action.runs or {}).get(action.recovery, 1) - 1,
        timeout=(entry.timeout if entry is not None else None) or turn.config.strategy_timeout,
        robot=action.robot,
        again=motion is not None,
        since=motion.time if motion is not None else action.run_since,
    )


def _current(turn: Turn, action: ActionState) -> StrategyEntry | None:
    entries = _entries(turn, action)
    if action.position < len(entries) and entries[action.position].strategy == action.recovery:
        return entries[action.position]
    return None


def _do_built_in(turn: Turn, action: ActionState, name: str) -> None:
    strategy = BUILT_IN.get(name)
    if strategy is None:
        finish_run(turn, action, StrategyOutcome.ABORT, f"there is no strategy {name}")
        return
    if strategy.block:
        _enter(turn, action, strategy.block)
        return
    entry = _current(turn, action)
    delay = max(entry.delay if entry is not None else 0.0, strategy.least_delay)
    factor = strategy.timeout_factor
    if factor is not None and entry is not None:
        factor = float(entry.settings.get("factor", factor))
    if strategy.outcome is StrategyOutcome.RETRY:
        delay = delay or _backoff(action)
    finish_run(
        turn, action, strategy.outcome, strategy.reason, delay=delay, timeout_factor=factor or 1.0
    )


def finish_run(  # one strategy and its result
    turn: Turn,
    action: ActionState,
    outcome: StrategyOutcome,
    reason: str,
    *,
    strategy: str = "",
    succeeded: bool | None = None,
    delay: float = 0.0,
    timeout_factor: float = 1.0,
) -> None:
    """Journal the result of a built-in strategy, by default of the one that runs."""
    name = strategy or action.recovery
    run = max(0, _runs(action, name) - 1)
    turn.emit(
        e.RecoveryFinished(
            **turn.attempt(action),
            run_id=_run_id(action, name, run),
            strategy=name,
            outcome=outcome,
            reason=reason,
            succeeded=outcome is not StrategyOutcome.ABORT if succeeded is None else succeeded,
            delay=delay,
            timeout_factor=timeout_factor,
            takes_back=_taken_back(turn, action, name, outcome),
        )
    )


def _taken_back(
    turn: Turn, action: ActionState, strategy: str, outcome: StrategyOutcome
) -> tuple[str, ...]:
    """Return what other strategies changed in the goal, if this one changed the situation."""
    elsewhere = strategy == "recovery_plan" or (
        strategy in turn.config.repositioning and action.motion is not None
    )
    return tuple(action.override or ()) if elsewhere and outcome is StrategyOutcome.RETRY else ()


def _enter(turn: Turn, action: ActionState, block: str) -> None:
    turn.emit(e.BlockEntered(**turn.action(action), block=block))


def _backoff(action: ActionState) -> float:
    """Return the seconds before the next attempt, as the action's retry policy has it."""
    failures = max(1, action.attempts_failed)
    seed = zlib.crc32(f"{action.execution.execution_id}/{action.key}/{failures}".encode())
    return action.node.retry.delay(failures, seed / 0x7FFFFFFF - 1.0)


def _after_retry(turn: Turn, action: ActionState) -> None:
    turn.emit(
        e.TaskRetryScheduled(
            **turn.attempt(action),
            delay=action.delay or 0.001,
            reason=action.reason,
            timeout_factor=action.retry_factor,
        )
    )


def _after_skip(turn: Turn, action: ActionState) -> None:
    turn.emit(e.TaskSkipped(**turn.attempt(action), cause=SkipCause.RECOVERY, reason=action.reason))


def _after_fallback(turn: Turn, action: ActionState) -> None:
    if action.node.fallback is None:
        fail_for_good(turn, action, action.error)
    else:
        # A strategy asked for it, whatever the table says.
        _initiate(turn, action, StrategyEntry(strategy="fallback"), action.position, 0)


def _after_abort(turn: Turn, action: ActionState) -> None:
    fail_for_good(turn, action, action.error)


def _after_replan(turn: Turn, action: ActionState) -> None:
    execution = action.execution
    if execution.cancel_cause or not can_replan(turn, action):
        fail_for_good(turn, action, action.error)
        return
    turn.emit(
        e.ExecutionCancelRequested(
            **turn.execution(execution),
            cause=CancelCause.REPLAN,
            reason=f"{action.key} failed and another plan may help",
            failed_key=action.key,
            error=action.error,
        )
    )


def _after_restore(turn: Turn, action: ActionState) -> None:
    execution = action.execution
    if execution.cancel_cause or not can_restore(turn, action):
        fail_for_good(turn, action, action.error)
        return
    newest = next(reversed(execution.checkpoints))
    request_restore(turn, execution, newest, f"{action.key} failed")


_CONSEQUENCES = {
    StrategyOutcome.RETRY: _after_retry,
    StrategyOutcome.SKIP: _after_skip,
    StrategyOutcome.FALLBACK: _after_fallback,
    StrategyOutcome.ABORT: _after_abort,
    StrategyOutcome.REPLAN: _after_replan,
    StrategyOutcome.CHECKPOINT_RESTORE: _after_restore,
}


_WORKED = frozenset(_CONSEQUENCES) - {StrategyOutcome.FALLBACK, StrategyOutcome.ABORT}


def fail_for_good(turn: Turn, action: ActionState, error: ErrorInfo | None) -> None:
    """Fail an action for good, and keep it as a dead letter."""
    known = error or _NOTHING_KNOWN
    turn.emit(
        e.TaskFailed(
            **turn.attempt(action), error=known, tolerated=action.node.on_failure != "abort"
        )
    )
    dead_letters.keep(turn, action, known)


def on_strategy_finished(turn: Turn, incoming: StrategyFinished) -> None:
    """Take note of what a strategy did."""
    action = turn.state.runs.get(incoming.run_id)
    if action is None:
        return
    if incoming.unseen and action.motion is not None:
        motions.stop_what_is_left(turn, action, action.motion)
        return
    if action.stopping is not None:
        conclude(turn, action, "its motion has ended")
        return
    try:
        outcome, reason = StrategyOutcome(incoming.outcome), incoming.reason
    except ValueError:
        outcome, reason = StrategyOutcome.NEXT, f"{incoming.outcome!r} is no outcome"
    _finished(
        turn,
        action,
        outcome,
        reason,
        delay=max(0.0, incoming.delay),
        parameters=incoming.parameters,
    )


def _finished(
    turn: Turn,
    action: ActionState,
    outcome: StrategyOutcome,
    reason: str,
    *,
    delay: float = 0.0,
    parameters: dict[str, Any] | None = None,
) -> None:
    turn.emit(
        e.RecoveryFinished(
            **turn.attempt(action),
            run_id=action.run_id,
            strategy=action.recovery,
            outcome=outcome,
            reason=reason,
            succeeded=outcome in _WORKED,
            delay=delay,
            parameters=parameters or {},
            takes_back=_taken_back(turn, action, action.recovery, outcome),
        )
    )
    release(turn, action)


def conclude(turn: Turn, action: ActionState, said: str, *, confirmed: bool = True) -> None:
    """Continue after a stopped strategy: with the next one, or with the end of its action."""
    why = f"{action.reason} ({said})"
    if action.stopping is CancelIntent.CANCEL:
        cancelled(turn, action, why, confirmed=confirmed)
    else:
        _finished(turn, action, StrategyOutcome.NEXT, why)


def motion_ended(turn: Turn, goal_id: str, said: str) -> None:
    """Conclude a strategy that is being stopped, as the goal of its motion has ended."""
    action = turn.state.motions.get(goal_id)
    if action is not None and action.stopping is not None:
        conclude(turn, action, said)


def motion_unconfirmed(turn: Turn, action: ActionState, why: str) -> None:
    """Quarantine the goal of a strategy's motion, and conclude the strategy."""
    if action.motion is not None:
        quarantine.begin_motion(turn, action, action.motion, why)
        if action.stopping is None:
            _finished(turn, action, StrategyOutcome.NEXT, f"{why}; {quarantine.MAY_MOVE}")
        else:
            conclude(turn, action, f"{why}; {quarantine.MAY_MOVE}", confirmed=False)


def stop_unanswered(turn: Turn, action: ActionState) -> None:
    """Give up waiting for a server that does not confirm the end of a motion in time."""
    if action.motion is not None:
        server, seconds = action.motion.server, turn.config.cancel_timeout
        motion_unconfirmed(turn, action, f"{server} did not confirm the cancel in {seconds:g} s")
