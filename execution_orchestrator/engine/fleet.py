"""Which of several robots an action may get, and which of their servers take goals now."""

from __future__ import annotations

from collections.abc import Container, Iterable

from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.status import BreakerStatus
from execution_orchestrator.plan.robots import KIND

TAKEN_OVER = "GOAL_TAKEN_OVER"


def left_alone(state: OrchestratorState, server: str, *, takes: bool = False) -> bool:
    """Whether a server gets no goals now: its circuit breaker is open, or it cannot be used.

    ``takes``: somebody else's use of it does not matter.
    """
    hindrance = state.hindrances.get(server)
    if hindrance is not None and not (takes and hindrance[0] == TAKEN_OVER):
        return True
    known = state.servers.get(server)
    return known is not None and (
        known.breaker is BreakerStatus.OPEN
        or (known.breaker is BreakerStatus.HALF_OPEN and bool(known.trial))
    )


def may_do(state: OrchestratorState, action: ActionState) -> tuple[str, ...]:
    """Return who may do it, the best first.

    Whoever has the role already is the only one. Of the others, those come last that failed at it
    just now, and before them those whose server is known to be away.
    """
    node = action.node
    bound = (action.execution.robots or {}).get(node.robot_role)
    if bound is not None:
        return (bound,)

    def doubt(robot: str) -> int:
        server = state.servers.get(node.servers.get(robot, ""))
        away = server is not None and server.available is False
        return 2 * (robot == action.robot) + away

    return tuple(sorted(node.robots, key=doubt))


def answering(state: OrchestratorState, action: ActionState) -> tuple[str, ...]:
    """Return who may do it and has a server that takes goals now."""
    servers = action.node.servers
    return tuple(
        robot
        for robot in may_do(state, action)
        if not left_alone(state, servers.get(robot, action.node.server), takes=action.takes)
    )


def breaker_wait(state: OrchestratorState, action: ActionState, now: float) -> float:
    """Return how many of the seconds since it was ready every server for it was shut off."""
    node = action.node
    waits = []
    for name in node.servers.values() if node.servers else (node.server,):
        server = state.servers.get(name)
        shut = server.shut_for(now) if server is not None else 0.0
        waits.append(shut - (action.shut_at_ready or {}).get(name, 0.0))
    return max(0.0, min(*waits, now - action.ready))


def part_of(robot: str, demand: Demand) -> str:
    """Return the name that what is demanded of any robot has on this one."""
    return robot + demand.resource.removeprefix(KIND)


def without_reserved(
    robots: Iterable[str], demands: Iterable[Demand], reserved: Container[str]
) -> tuple[str, ...]:
    """Return the robots of which nothing that is demanded is kept for somebody else."""
    wanted = tuple(demands)
    return tuple(
        robot
        for robot in robots
        if not any(part_of(robot, demand) in reserved for demand in wanted)
    )
