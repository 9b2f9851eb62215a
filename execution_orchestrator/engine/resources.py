"""Which resources are free, and which of several robots an action may get."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from execution_orchestrator.engine.events import Lease
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.state import ActionState, HeldLease, OrchestratorState
from execution_orchestrator.engine.status import BreakerStatus
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.robots import KIND

_TOLERANCE = 1e-9  # of sums of amounts


def allocate_on_robot(
    state: OrchestratorState,
    resources: Mapping[str, ResourceSpec],
    demands: Iterable[Demand],
    lease_prefix: str,
    robots: Iterable[str],
) -> tuple[Lease, ...] | None:
    """Return leases of one and the same robot, the first of these that is free, or None."""
    for robot in robots:
        of_robot = {
            name: spec for name, spec in resources.items() if spec.properties.get("robot") == robot
        }
        leases = allocate(state, of_robot, demands, lease_prefix) if of_robot else None
        if leases is not None:
            return leases
    return None


def allocate(
    state: OrchestratorState,
    resources: Mapping[str, ResourceSpec],
    demands: Iterable[Demand],
    lease_prefix: str,
) -> tuple[Lease, ...] | None:
    """Return leases that satisfy all demands now, or None."""
    leases: list[Lease] = []
    taken: dict[str, float] = {}
    for demand in demands:
        for spec in candidates(resources, demand):
            if _fits(state, spec, demand, taken.get(spec.name, 0.0)):
                taken[spec.name] = taken.get(spec.name, 0.0) + demand.amount
                leases.append(
                    Lease(
                        lease_id=f"{lease_prefix}/{len(leases)}",
                        resource=spec.name,
                        amount=demand.amount,
                        shared=demand.shared,
                        type=spec.type,
                        rate=spec.rate,
                        robot=str(spec.properties.get("robot", "")),
                    )
                )
                break
        else:
            return None
    return tuple(leases)


def candidates(resources: Mapping[str, ResourceSpec], demand: Demand) -> Iterator[ResourceSpec]:
    """Yield the resources that could serve a demand: the one of that name, or all of the type."""
    named = resources.get(demand.resource)
    if named is not None:
        if _matches(named, demand):
            yield named
        return
    found = False
    for spec in resources.values():
        if spec.type == demand.resource and _matches(spec, demand):
            found = True
            yield spec
    if not found and not any(spec.type == demand.resource for spec in resources.values()):
        # A plan that was accepted under another configuration: a lock by that name.
        yield ResourceSpec(name=demand.resource)


def _matches(spec: ResourceSpec, demand: Demand) -> bool:
    return all(spec.properties.get(key) == value for key, value in demand.constraints.items())


def _fits(state: OrchestratorState, spec: ResourceSpec, demand: Demand, taken: float) -> bool:
    use = state.resources.get(spec.name)
    if use is None or not use.leases:
        return taken + demand.amount <= spec.capacity + _TOLERANCE
    if use.used + taken + demand.amount > spec.capacity + _TOLERANCE:
        return False
    # Readers share a resource with readers only.
    return all(held.lease.shared == demand.shared for held in use.leases.values())


def holders(
    state: OrchestratorState, resources: Mapping[str, ResourceSpec], demand: Demand
) -> list[HeldLease]:
    """Return the leases that block a demand."""
    return [
        held
        for spec in candidates(resources, demand)
        if (use := state.resources.get(spec.name)) is not None
        for held in use.leases.values()
    ]


TAKEN_OVER = "GOAL_TAKEN_OVER"
JUST_FOUND = "SERVER_JUST_FOUND"
SERVED_TWICE = "SERVER_AMBIGUOUS"
LATE_TRANSFORM = "TRANSFORM_LATE"


def resting(state: OrchestratorState, server: str, *, takes: bool = False) -> bool:
    """Whether a server gets no goals now: its circuit breaker is open, or it cannot be used.

    ``takes``: goals of other clients do not hinder.
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
    """Return the robots that can do an action, the best first.

    A robot that has the role already is the only one, if it can do this action of what may be
    another plan; so is the robot on which it was recovered or paused, as long as its server accepts
    goals. Of the others, robots whose server is known to be away come near the end, and those at
    which the action failed just now at the very end.
    """
    node = action.node
    if action.in_role:
        return (action.in_role,)
    stays = action.stays_on
    if stays and not resting(state, node.servers.get(stays, ""), takes=action.takes):
        return (stays,)

    return tuple(sorted(node.robots, key=lambda robot: doubt(state, action, robot)))


def doubt(state: OrchestratorState, action: ActionState, robot: str) -> int:
    """Return a penalty for a robot: 2 if the last attempt was on it, 1 if its server is away."""
    server = state.servers.get(action.node.servers.get(robot, ""))
    away = server is not None and server.available is False
    return 2 * (robot == action.robot) + away


def answering(state: OrchestratorState, action: ActionState) -> tuple[str, ...]:
    """Return the robots that can do an action and whose server accepts goals now."""
    servers = action.node.servers
    return tuple(
        robot
        for robot in may_do(state, action)
        if not resting(state, servers.get(robot, action.node.server), takes=action.takes)
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
    """Return the name of a demanded resource on a certain robot."""
    return robot + demand.resource.removeprefix(KIND)


def without_reserved(
    robots: Iterable[str], demands: Iterable[Demand], reserved: Container[str]
) -> tuple[str, ...]:
    """Return the robots that no other holder has reserved any demanded resource of."""
    wanted = tuple(demands)
    return tuple(
        robot
        for robot in robots
        if not any(part_of(robot, demand) in reserved for demand in wanted)
    )
