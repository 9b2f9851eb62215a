"""Why something waits, in words a person can act on."""

from __future__ import annotations

from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.resources import allocate, holders
from execution_orchestrator.engine.state import ActionState, HeldLease, OrchestratorState
from execution_orchestrator.engine.status import ActionStatus, BreakerStatus


def why(state: OrchestratorState, config: EngineConfig, action: ActionState, now: float) -> str:
    """Return the reason for an action's status; for one that waits, what it waits for."""
    if action.status is ActionStatus.PENDING and action.blockers:
        return _dependencies(action)
    if action.status is not ActionStatus.READY:
        return action.reason
    if action.execution.paused:
        return f"ready, but the execution is paused: {action.execution.reason}"
    reasons = [
        reason
        for reason in (
            _server(state, action, now),
            _rate(state, action, now),
            waits_for(state, config, action),
        )
        if reason
    ]
    if not reasons and state.running_goals >= config.max_concurrent_actions:
        reasons.append(f"waits until one of the {state.running_goals} running actions ends")
    return "; ".join(reasons) or action.reason or "starts next"


def _dependencies(action: ActionState) -> str:
    known = action.execution.actions
    prefix = action.frame.prefix
    open_ones = [
        node.id
        for node in action.node.dependencies
        if (other := known.get(prefix + node.id)) is not None and not other.is_final
    ]
    return f"waits for {', '.join(open_ones)}" if open_ones else "waits for its turn"


def _server(state: OrchestratorState, action: ActionState, now: float) -> str:
    server = state.servers.get(action.node.server) if action.node.server else None
    if server is None or server.breaker is BreakerStatus.CLOSED:
        return ""
    if server.breaker is BreakerStatus.OPEN:
        left = max(0.0, server.until - now)
        return (
            f"{action.node.server} failed {server.failures} times in a row, "
            f"it is tried again in {left:.0f} s"
        )
    return f"waits for the trial of {action.node.server} to end" if server.trial else ""


def _rate(state: OrchestratorState, action: ActionState, now: float) -> str:
    free = state.rate_next.get(action.node.action_type, 0.0)
    if not action.node.rate_limit or free <= now:
        return ""
    return f"{action.node.action_type} may start again in {free - now:.1f} s"


def waits_for(state: OrchestratorState, config: EngineConfig, action: ActionState) -> str:
    """Return who holds the resources that an action needs, empty if nobody does."""
    parts = []
    for demand in action.node.demands:
        if allocate(state, config.resources, (demand,), "") is not None:
            continue
        held = holders(state, config.resources, demand)
        if held:
            parts.append(f"{demand.resource}, held by {', '.join(_holder(one) for one in held)}")
    return f"waits for {'; '.join(parts)}" if parts else ""


def _holder(held: HeldLease) -> str:
    if not held.execution_id:
        return held.holder or "somebody outside"
    return f"{held.key} in execution {held.execution_id}"
