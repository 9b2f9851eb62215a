"""Events of leases, and of what grippers hold."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import arm, dequeue, disarm, enqueue
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.state import (
    ActionState,
    HeldLease,
    LeaseRequestState,
    OrchestratorState,
    ResourceUse,
)
from execution_orchestrator.engine.status import TimerKind
from execution_orchestrator.plan.urgency import urgency


def _allocated(state: OrchestratorState, event: e.ResourceAllocated) -> None:
    for lease in event.leases:
        _book(
            state,
            HeldLease(
                lease, event.execution_id, event.key, event.holder, event.priority, event.time
            ),
        )
        if not event.execution_id and event.until is not None:
            arm(state, TimerKind.LEASE, event.until, subject=lease.lease_id)
    if event.execution_id:
        action = state.executions[event.execution_id].actions[event.key]
        action.leases = tuple(lease.lease_id for lease in event.leases)
        _take_robot(state, action, event.leases[0].robot if event.leases else "")
    elif event.request_id:
        _forget_request(state, event.request_id)


def _book(state: OrchestratorState, held: HeldLease) -> None:
    lease = held.lease
    state.leases[lease.lease_id] = held
    use = state.resources.get(lease.resource)
    if use is None:
        use = state.resources[lease.resource] = ResourceUse()
    use.leases[lease.lease_id] = held
    use.used += lease.amount


def _unbook(state: OrchestratorState, lease_id: str) -> HeldLease | None:
    held = state.leases.pop(lease_id, None)
    if held is not None:
        use = state.resources[held.lease.resource]
        del use.leases[lease_id]
        use.used = use.used - held.lease.amount if use.leases else 0.0
    return held


def _take_robot(state: OrchestratorState, action: ActionState, robot: str) -> None:
    relative = action.node.is_relative
    if relative and robot != action.robot and action.execution.follows(Logic.GOES_ON_WHERE_IT_WAS):
        # How far one robot has come on its own way says nothing about the way of another.
        action.begin_anew()
        action.accepted = False
    action.robot = robot
    role = action.node.robot_role
    execution = action.execution
    if robot and role and not action.in_role:
        execution.robots = {**(execution.robots or {}), role: robot}
        for other in execution.actions.values():
            if other.entry is not None and other is not action and other.node.robot_role == role:
                # It waited for any robot, and now waits for this one.
                dequeue(state, other)
                enqueue(state, other)


def _forget_request(state: OrchestratorState, request_id: str) -> None:
    request = state.lease_requests.pop(request_id, None)
    if request is not None and request.entry is not None:
        state.queues.remove(request.signature, request.entry)
        request.entry = None
    disarm(state, TimerKind.LEASE_REQUEST, subject=request_id)


def _released(state: OrchestratorState, event: e.ResourceReleased) -> None:
    _give_back(state, event.lease_ids)


def _give_back(state: OrchestratorState, lease_ids: tuple[str, ...]) -> None:
    freed: dict[str, None] = {}
    for lease_id in lease_ids:
        held = _unbook(state, lease_id)
        if held is None:
            continue
        lease = held.lease
        freed[lease.resource] = None
        if lease.type:
            freed[lease.type] = None
        if held.execution_id:
            execution = state.executions.get(held.execution_id)
            action = execution.actions.get(held.key) if execution is not None else None
            if action is not None and lease_id in action.leases:
                action.leases = ()
        else:
            disarm(state, TimerKind.LEASE, subject=lease_id)
    state.queues.resources_freed(freed)


def _quarantined(state: OrchestratorState, event: e.GoalQuarantined) -> None:
    state.quarantined[event.goal_id] = event
    for lease in event.leases:
        # Made from the event alone, and last of all: after a restart the events of an execution
        # that ended long ago are not read, and the state must be the same without them.
        _unbook(state, lease.lease_id)
        held = HeldLease(lease, event.owner, event.action, "", event.priority, event.held_since)
        held.quarantine = event.goal_id
        _book(state, held)
    execution = state.executions.get(event.owner)
    action = execution.actions.get(event.action) if execution is not None else None
    moved = action.motion.goal_id if action is not None and action.motion is not None else ""
    if action is not None and event.goal_id in (action.goal_id, moved):
        action.leases = ()


def _quarantine_ended(state: OrchestratorState, event: e.QuarantineEnded) -> None:
    state.quarantined.pop(event.goal_id, None)
    _give_back(state, event.lease_ids)
    # An action that must not be done twice may have waited for nothing else.
    state.queues.all_dirty()


def _requested(state: OrchestratorState, event: e.LeaseRequested) -> None:
    request = LeaseRequestState(
        event.request_id,
        event.demands,
        event.holder,
        event.priority,
        event.duration,
        event.time,
    )
    demands = tuple(
        Demand(one.resource, one.amount, one.shared, one.constraints) for one in event.demands
    )
    request.signature = (tuple(demand.signature for demand in demands), "", "")
    queue = state.queues.queue(request.signature, demands, "", "")
    state.order += 1
    request.entry = (urgency(event.priority, event.time), 0.0, 0, -state.order, request)
    state.queues.add(queue, request.entry)
    state.lease_requests[event.request_id] = request
    arm(state, TimerKind.LEASE_REQUEST, event.until, subject=event.request_id)


def _expired(state: OrchestratorState, event: e.LeaseRequestExpired) -> None:
    _forget_request(state, event.request_id)


def _rate_passed(state: OrchestratorState, event: e.RateLimitPassed) -> None:
    disarm(state, TimerKind.RATE, subject=event.capability)
    state.rate_next.pop(event.capability, None)
    for queue in state.queues.queues.values():
        if queue.rate_key == event.capability and queue.entries:
            state.queues.dirty[queue.signature] = queue


def _object_grasped(state: OrchestratorState, event: e.ObjectGrasped) -> None:
    held = state.held.setdefault(event.robot, {})
    held.pop(event.object_id, None)
    held[event.object_id] = event.held_as
    state.put_down.pop(event.robot, None)


def _object_released(state: OrchestratorState, event: e.ObjectReleased) -> None:
    held = state.held.get(event.robot, {})
    held.pop(event.object_id, None)
    if not held:
        state.held.pop(event.robot, None)
    state.put_down[event.robot] = (event.by, event.object_id)


HANDLERS: dict[type[e.Event], Any] = {
    e.ResourceAllocated: _allocated,
    e.ResourceReleased: _released,
    e.GoalQuarantined: _quarantined,
    e.QuarantineEnded: _quarantine_ended,
    e.LeaseRequested: _requested,
    e.LeaseRequestExpired: _expired,
    e.RateLimitPassed: _rate_passed,
    e.ObjectGrasped: _object_grasped,
    e.ObjectReleased: _object_released,
}
