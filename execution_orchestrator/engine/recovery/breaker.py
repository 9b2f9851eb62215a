"""Circuit breaker per action server: closed, open for a while, then one trial."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import BreakerStatus
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo


def failed(turn: Turn, action: ActionState, error: ErrorInfo) -> None:
    """Count a failure of the action's server, if it says something about the server."""
    name = action.server
    server = turn.state.servers.get(name) if name and action.goal_id else None
    if server is None:
        return
    settings = turn.config.breaker_of(name)
    if error.type not in settings.error_types:
        if server.breaker is BreakerStatus.HALF_OPEN and server.trial == action.goal_id:
            # It answered, if only with an error of its own: it is alive.
            turn.emit(e.BreakerClosed(time=turn.now, server=name))
        elif server.failures:
            turn.emit(e.BreakerCounted(time=turn.now, server=name, failures=0))
        return
    failures = server.failures + 1
    if server.breaker is BreakerStatus.OPEN:
        return
    if failures >= settings.threshold or server.breaker is BreakerStatus.HALF_OPEN:
        turn.emit(
            e.BreakerOpened(
                time=turn.now,
                server=name,
                failures=failures,
                until=turn.now + settings.reset_timeout,
            )
        )
    else:
        turn.emit(e.BreakerCounted(time=turn.now, server=name, failures=failures))


def worked(turn: Turn, action: ActionState) -> None:
    """Note that the action's server did what it should."""
    name = action.server
    server = turn.state.servers.get(name) if name else None
    if server is None:
        return
    if server.breaker is not BreakerStatus.CLOSED:
        turn.emit(e.BreakerClosed(time=turn.now, server=name))
    elif server.failures:
        turn.emit(e.BreakerCounted(time=turn.now, server=name, failures=0))


def half_open(turn: Turn, name: str) -> None:
    """Let one trial through."""
    server = turn.state.servers.get(name)
    if server is not None and server.breaker is BreakerStatus.OPEN:
        turn.emit(e.BreakerHalfOpened(time=turn.now, server=name))
