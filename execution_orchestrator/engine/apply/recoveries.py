"""State changes of recovery: strategies, circuit breakers, servers, dead letters."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import (
    arm,
    arm_action,
    decided,
    disarm,
    forget_run,
    move,
    stay,
    want,
)
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.state import (
    DeadLetterState,
    OrchestratorState,
    ServerState,
)
from execution_orchestrator.engine.status import ActionStatus, BreakerStatus, TimerKind


def _initiated(state: OrchestratorState, event: e.RecoveryInitiated) -> None:
    action = state.executions[event.execution_id].actions[event.key]
    decided(state, action)
    action.recovery = event.strategy
    action.position = event.position
    if action.runs is None:
        action.runs = {}
    action.runs[event.strategy] = action.runs.get(event.strategy, 0) + 1
    name = f"{event.key}/{event.strategy}"
    counts = action.execution.recoveries
    counts[name] = counts.get(name, 0) + 1
    if event.until is None:
        want(state, action)
    else:
        action.run_id = event.run_id
        action.run_since = event.time
        state.runs[event.run_id] = action
        arm_action(state, action, TimerKind.STRATEGY, event.until)


def _moves(state: OrchestratorState, event: e.RecoveryMoves) -> None:
    action = state.runs[event.run_id]
    action.motion = event
    state.motions[event.goal_id] = action


def _stop_requested(state: OrchestratorState, event: e.RecoveryStopRequested) -> None:
    action = state.runs[event.run_id]
    action.stopping = event.intent
    action.reason = event.reason
    disarm(state, TimerKind.STRATEGY, execution_id=event.execution_id, subject=event.key)
    arm_action(state, action, TimerKind.RECOVERY_STOP, event.until)
    if event.below_at is not None:
        arm_action(state, action, TimerKind.BELOW, event.below_at)


def _finished(state: OrchestratorState, event: e.RecoveryFinished) -> None:
    action = state.executions[event.execution_id].actions[event.key]
    if event.strategy == "fallback":
        return  # the end of the fallback is the end of the action, which follows
    disarm(state, TimerKind.STRATEGY, execution_id=event.execution_id, subject=event.key)
    if action.run_id and event.outcome is StrategyOutcome.RETRY:
        stay(action)
    forget_run(state, action)
    move(action, ActionStatus.RECOVERING)
    action.outcome = event.outcome
    action.reason = event.reason
    action.delay = event.delay
    action.retry_factor = event.timeout_factor
    if event.takes_back:
        left = {k: v for k, v in (action.override or {}).items() if k not in event.takes_back}
        action.override = left or None
    if event.parameters:
        action.override = {**(action.override or {}), **event.parameters}
    if event.outcome is StrategyOutcome.NEXT:
        action.position += 1
    decided(state, action)
    want(state, action)


def _server(state: OrchestratorState, name: str) -> ServerState:
    found = state.servers.get(name)
    if found is None:
        found = state.servers[name] = ServerState()
    return found


def _breaker_counted(state: OrchestratorState, event: e.BreakerCounted) -> None:
    _server(state, event.server).failures = event.failures


def _breaker_opened(state: OrchestratorState, event: e.BreakerOpened) -> None:
    server = _server(state, event.server)
    server.breaker = BreakerStatus.OPEN
    server.failures = event.failures
    server.until = event.until
    server.trial = ""
    if server.shut_since is None:
        server.shut_since = event.time
    arm(state, TimerKind.BREAKER, event.until, subject=event.server)


def _breaker_half_opened(state: OrchestratorState, event: e.BreakerHalfOpened) -> None:
    server = _server(state, event.server)
    server.breaker = BreakerStatus.HALF_OPEN
    server.trial = ""
    disarm(state, TimerKind.BREAKER, subject=event.server)
    state.queues.server_freed(event.server)


def _breaker_closed(state: OrchestratorState, event: e.BreakerClosed) -> None:
    server = _server(state, event.server)
    server.breaker = BreakerStatus.CLOSED
    server.shut_seconds = server.shut_for(event.time)
    server.shut_since = None
    server.failures = 0
    server.trial = ""
    disarm(state, TimerKind.BREAKER, subject=event.server)
    state.queues.server_freed(event.server)


def _availability(state: OrchestratorState, event: e.ServerAvailability) -> None:
    server = _server(state, event.server)
    server.available = event.available


def _letter_added(state: OrchestratorState, event: e.DeadLetterAdded) -> None:
    letter = DeadLetterState(event.dead_letter_id)
    letter.execution_id = event.execution_id
    letter.key = event.key
    letter.action_type = event.action_type
    letter.action = event.action
    letter.parameters = event.parameters
    letter.error = event.error
    letter.attempts = event.attempt
    letter.time = event.time
    letter.retry_after = event.retry_after
    state.dead_letters[event.dead_letter_id] = letter


def _letter_changed(state: OrchestratorState, event: e.DeadLetterChanged) -> None:
    if event.status in ("discarded", "succeeded"):
        state.dead_letters.pop(event.dead_letter_id, None)
        return
    letter = state.dead_letters[event.dead_letter_id]
    letter.status = event.status
    letter.retry_after = event.retry_after
    if event.parameters is not None:
        letter.parameters = event.parameters
    if event.status == "retrying":
        letter.retries += 1


HANDLERS: dict[type[e.Event], Any] = {
    e.RecoveryInitiated: _initiated,
    e.RecoveryMoves: _moves,
    e.RecoveryStopRequested: _stop_requested,
    e.RecoveryFinished: _finished,
    e.BreakerCounted: _breaker_counted,
    e.BreakerOpened: _breaker_opened,
    e.BreakerHalfOpened: _breaker_half_opened,
    e.BreakerClosed: _breaker_closed,
    e.ServerAvailability: _availability,
    e.DeadLetterAdded: _letter_added,
    e.DeadLetterChanged: _letter_changed,
}
