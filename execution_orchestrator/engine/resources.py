"""Which resources an action would get: all of them at once, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from execution_orchestrator.engine.events import Lease
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.state import HeldLease, OrchestratorState
from execution_orchestrator.plan.capability import ResourceSpec

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
    """Return who holds what a demand is waiting for."""
    return [
        held
        for spec in candidates(resources, demand)
        if (use := state.resources.get(spec.name)) is not None
        for held in use.leases.values()
    ]
