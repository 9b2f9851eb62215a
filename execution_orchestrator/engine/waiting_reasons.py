"""Why something waits, in words a person can act on."""

from __future__ import annotations

from execution_orchestrator.engine import quarantine
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.resources import (
    allocate,
    allocate_on_robot,
    answering,
    holders,
    may_do,
    part_of,
)
from execution_orchestrator.engine.state import ActionState, HeldLease, OrchestratorState
from execution_orchestrator.engine.status import BreakerStatus
from execution_orchestrator.plan.counted import counted


def reason_to_wait(
    state: OrchestratorState, config: EngineConfig, action: ActionState, now: float
) -> str:
    """Return what keeps an action from its dispatch, empty if nothing does: the first that does."""
    held = waits_for(state, config, action) if action.node.demands else ""
    return _unknown(state, action) or _server(state, action, now) or held or _rate(action)


def _unknown(state: OrchestratorState, action: ActionState) -> str:
    if not state.quarantined:
        return ""
    able = answering(state, action)
    may_go = not able or bool(quarantine.without_goals(state, action, able))
    if may_go and not quarantine.forbids(state, action):
        return ""
    return "must not be done twice, and an earlier goal may still run: see the quarantine"


def _server(state: OrchestratorState, action: ActionState, now: float) -> str:
    servers = action.node.servers
    if not servers:
        return _resting(state, action.node.server, now)
    if answering(state, action):
        return ""
    names = [servers.get(robot, "") for robot in may_do(state, action)]
    return "; ".join(_resting(state, name, now) for name in names)


def _resting(state: OrchestratorState, name: str, now: float) -> str:
    server = state.servers.get(name) if name else None
    if name in state.hindrances:
        return state.hindrances[name][1]
    if server is None or server.breaker is BreakerStatus.CLOSED:
        return ""
    if server.breaker is BreakerStatus.OPEN:
        return waits_for_breaker(name, server.failures, server.until - now)
    return f"waits for the trial of {name} to end" if server.trial else ""


def waits_for_breaker(server: str, failures: int, left: float) -> str:
    """Return why nothing is sent to a server whose breaker is open for ``left`` seconds more."""
    return (
        f"waits for the circuit breaker of {server}: it failed {counted(failures, 'time')} in a "
        f"row and is tried again in {max(0.0, left):.0f} s"
    )


def _rate(action: ActionState) -> str:
    """Return the limit that keeps one of several that are ready at the same moment."""
    limit = action.node.rate_limit
    return f"{action.node.action_type} may start {limit:g} times a second" if limit else ""


def waits_for(state: OrchestratorState, config: EngineConfig, action: ActionState) -> str:
    """Return the holders of the resources that an action needs, empty if there are none."""
    parts = []
    resources = config.resources
    robots = answering(state, action) if action.node.robots else ()
    if robots:
        resources = {n: s for n, s in resources.items() if s.properties.get("robot") in robots}
        if allocate_on_robot(state, resources, action.node.demands, "", robots) is not None:
            return ""
    for demand in action.node.demands:
        # Each robot may lack something else, so that for several only the whole counts.
        if len(robots) < 2 and allocate(state, resources, (demand,), "") is not None:
            continue
        held = holders(state, resources, demand)
        if held:
            name = part_of(robots[0], demand) if len(robots) == 1 else demand.resource
            parts.append(f"{name}, held by {', '.join(_holder(one) for one in held)}")
    return f"waits for {'; '.join(parts)}" if parts else ""


def _holder(held: HeldLease) -> str:
    if not held.execution_id:
        return held.holder or "an external holder"
    who = f"{held.key} in execution {held.execution_id}"
    return f"{who} (in quarantine: not confirmed as ended)" if held.quarantine else who
