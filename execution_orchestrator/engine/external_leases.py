"""Resources for people and other nodes."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.effects import LeaseAnswered
from execution_orchestrator.engine.inputs import AllocateLease, ReleaseLease
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.resources import allocate, candidates
from execution_orchestrator.engine.state import LeaseRequestState
from execution_orchestrator.engine.turn import Turn

EMERGENCY = "the emergency stop is active"


def on_allocate(turn: Turn, incoming: AllocateLease) -> None:
    """Take the resources now, or let the request wait its turn."""
    state = turn.state
    demands = tuple(
        Demand(one.resource, one.amount, one.shared, one.constraints) for one in incoming.demands
    )
    reason = _impossible(turn, demands)
    if incoming.request_id in state.lease_requests or any(
        held.key == incoming.request_id and not held.execution_id for held in state.leases.values()
    ):
        reason = f"a request {incoming.request_id} exists already"
    elif state.emergency:
        reason = EMERGENCY
    elif len(state.lease_requests) >= turn.config.max_lease_requests:
        reason = f"{len(state.lease_requests)} requests wait already"
    if not reason and incoming.timeout <= 0.0:
        leases = allocate(state, turn.config.resources, demands, f"lease/{incoming.request_id}")
        if leases is None:
            reason = "the resources are not free"
        else:
            _give(
                turn,
                incoming.request_id,
                leases,
                incoming.holder,
                incoming.priority,
                incoming.duration,
            )
            return
    if reason:
        turn.refuse(reason)
        turn.request(LeaseAnswered(request_id=incoming.request_id, reason=reason))
        return
    turn.emit(
        e.LeaseRequested(
            time=turn.now,
            request_id=incoming.request_id,
            demands=incoming.demands,
            holder=incoming.holder,
            priority=incoming.priority,
            until=turn.now + incoming.timeout,
            duration=incoming.duration,
        )
    )


def _impossible(turn: Turn, demands: tuple[Demand, ...]) -> str:
    resources = turn.config.resources
    if not demands:
        return "no resource is asked for"
    for demand in demands:
        known = demand.resource in resources or any(
            spec.type == demand.resource for spec in resources.values()
        )
        if not known:
            return (
                f"no resource is called {demand.resource}; known: {', '.join(resources) or 'none'}"
            )
        if demand.amount <= 0.0:
            return f"an amount of {demand.amount:g} of {demand.resource} makes no sense"
        if not any(demand.amount <= spec.capacity for spec in candidates(resources, demand)):
            return f"no {demand.resource} has {demand.amount:g} units with these properties"
    return ""


def serve(turn: Turn, request: LeaseRequestState) -> bool:
    """Give a waiting request its resources if they are free."""
    demands = tuple(
        Demand(one.resource, one.amount, one.shared, one.constraints) for one in request.demands
    )
    leases = allocate(turn.state, turn.config.resources, demands, f"lease/{request.request_id}")
    if leases is None:
        return False
    _give(turn, request.request_id, leases, request.holder, request.priority, request.duration)
    return True


def _give(
    turn: Turn,
    request_id: str,
    leases: tuple[e.Lease, ...],
    holder: str,
    priority: int,
    duration: float,
) -> None:
    limit = turn.config.max_lease_duration
    turn.emit(
        e.ResourceAllocated(
            time=turn.now,
            key=request_id,
            leases=leases,
            holder=holder,
            priority=priority,
            until=turn.now + (min(duration, limit) if duration > 0.0 else limit),
            request_id=request_id,
        )
    )
    ids = tuple(lease.lease_id for lease in leases)
    turn.ids = ids
    turn.request(LeaseAnswered(request_id=request_id, lease_ids=ids))


def on_release(turn: Turn, incoming: ReleaseLease) -> None:
    """Release external leases; those of actions cannot be released by a client."""
    leases = turn.state.leases
    wrong = [name for name in incoming.lease_ids if name not in leases or leases[name].execution_id]
    if wrong:
        turn.refuse(f"no lease of an outside holder is called {', '.join(wrong)}")
        return
    if not incoming.lease_ids:
        turn.refuse("no lease is named")
        return
    _release(turn, incoming.lease_ids, "given back")


def expired(turn: Turn, lease_id: str) -> None:
    """End a lease whose time is over."""
    if lease_id in turn.state.leases:
        _release(turn, (lease_id,), "its time is over")


def _release(turn: Turn, lease_ids: tuple[str, ...], reason: str) -> None:
    turn.emit(e.ResourceReleased(time=turn.now, lease_ids=lease_ids, reason=reason))


def request_expired(
    turn: Turn, request_id: str, reason: str = "the resources did not become free in time"
) -> None:
    """Answer a lease request that can no longer be granted."""
    if request_id in turn.state.lease_requests:
        turn.emit(e.LeaseRequestExpired(time=turn.now, request_id=request_id, reason=reason))
        turn.request(LeaseAnswered(request_id=request_id, reason=reason))
