"""Which action starts next: the most urgent one whose resources, server and rate are free."""

from __future__ import annotations

import heapq
from hashlib import sha1
from math import inf
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import external_leases, hindrances, quarantine
from execution_orchestrator.engine.adaptive_timeouts import learned_timeout
from execution_orchestrator.engine.apply.moves import timer_of
from execution_orchestrator.engine.attempts import note_not_known, something_done
from execution_orchestrator.engine.cancellation import ask_to_cancel
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.ready_queue import Queue
from execution_orchestrator.engine.resources import (
    allocate,
    allocate_on_robot,
    answering,
    breaker_wait,
    candidates,
    doubt,
    part_of,
    resting,
    without_reserved,
)
from execution_orchestrator.engine.scope import sent_parameters
from execution_orchestrator.engine.state import ActionState, HeldLease, LeaseRequestState
from execution_orchestrator.engine.status import BreakerStatus, CancelIntent, TimerKind
from execution_orchestrator.engine.turn import Turn

_NAMESPACE = uuid5(NAMESPACE_URL, "execution_orchestrator/goal").bytes
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def goal_uuid(execution_id: str, key: str, attempt: int) -> str:
    """Return the UUID of an attempt's goal; the same attempt always has the same."""
    # What uuid.uuid5 does, without its detours: this runs for every dispatch.
    name = f"{execution_id}/{key}/{attempt}".encode()
    text = sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def schedule(turn: Turn) -> None:
    """Start everything that can start now."""
    queues = turn.state.queues
    if not queues.dirty:
        return
    heap: list[tuple[float, float, int, int, tuple[Any, ...]]] = []
    seen: set[tuple[Any, ...]] = set()
    for queue in list(queues.dirty.values()):
        _push(heap, seen, queue)
        for demand in queue.demands:
            # Those who have waited long keep what they need, so they have to be looked at too.
            for other in queues.by_resource.get(demand.resource, ()):
                if other.entries and _waited(turn, other) > turn.config.reserve_after:
                    _push(heap, seen, other)
    reserved: set[str] = set()
    while heap:
        signature = heapq.heappop(heap)[4]
        queue = queues.queues[signature]
        if not queue.entries:
            continue
        first = queue.entries[-1][4]
        if not _serve(turn, queue, reserved):
            continue
        seen.discard(signature)
        _push(heap, seen, queue)
        if isinstance(first, ActionState) and first.node.robot_role:
            # Others of its execution may wait in another queue since it has its robot.
            for other in list(queues.dirty.values()):
                _push(heap, seen, other)
    queues.dirty.clear()


def _push(heap: list[Any], seen: set[tuple[Any, ...]], queue: Queue) -> None:
    if queue.signature not in seen and queue.entries:
        seen.add(queue.signature)
        urgency, rank, place, order, _ = queue.entries[-1]
        heapq.heappush(heap, (-urgency, -rank, -place, -order, queue.signature))


def _waited(turn: Turn, queue: Queue) -> float:
    who = queue.entries[-1][4]
    since: float = who.ready if isinstance(who, ActionState) else who.since
    return turn.now - since


def _serve(turn: Turn, queue: Queue, reserved: set[str]) -> bool:
    """Start the head of a queue if possible; returns whether it was started."""
    state = turn.state
    who = queue.entries[-1][4]
    if _is_over(turn, who):
        return False
    if queue.server and resting(state, queue.server, takes=queue.takes):
        hindrances.hold_back(turn, queue)
        return False
    robots: tuple[str, ...] = ()
    if isinstance(who, ActionState) and who.node.robots:
        robots = answering(state, who)
        if not robots or hindrances.soon_known(state, who):
            hindrances.hold_back(turn, queue)
            return False
        robots = quarantine.without_goals(state, who, robots)
        if not robots:
            return False
    if queue.rate_key and state.rate_next.get(queue.rate_key, 0.0) > turn.now:
        return False
    if isinstance(who, ActionState) and state.running_goals >= turn.config.max_concurrent_actions:
        state.queues.full = True
        return False
    if state.quarantined and isinstance(who, ActionState) and quarantine.forbids(state, who):
        return False
    if isinstance(who, LeaseRequestState):
        if not _held_back(queue, reserved) and external_leases.serve(turn, who):
            return True
        _reserve(turn, queue, reserved, robots)
        return False
    if not queue.demands:
        _dispatch(turn, who)
        return True
    if not _held_back(queue, reserved):
        execution_id = who.execution.execution_id
        attempt = who.execution.attempts.get(who.key, 0) + 1
        prefix = f"{execution_id}/{who.key}/{attempt}"
        resources = turn.config.resources
        distances: dict[str, float] = {}
        if who.node.robots:
            free = without_reserved(robots, queue.demands, reserved)
            free, distances = _nearest_first(turn, who, free)
            leases = allocate_on_robot(state, resources, queue.demands, prefix, free)
        else:
            leases = allocate(state, resources, queue.demands, prefix)
        if leases is not None:
            turn.emit(
                e.ResourceAllocated(
                    time=turn.now,
                    execution_id=execution_id,
                    key=who.key,
                    attempt=attempt,
                    leases=leases,
                    priority=who.execution.priority,
                    distances=distances,
                )
            )
            _dispatch(turn, who)
            return True
        if not who.node.robots:
            preempt(turn, who, queue.demands)
        hindrances.say_what_else(turn, who)
    _reserve(turn, queue, reserved, robots)
    return False


def _is_over(turn: Turn, who: ActionState | LeaseRequestState) -> bool:
    """Return whether a timer that is due is about to end what waits.

    Such timers are handled late when the node was dead, or its process held: what came before them
    (a delay that is over, a goal that was reached) must not begin anything first.
    """
    if isinstance(who, LeaseRequestState):
        return _is_due(turn, TimerKind.LEASE_REQUEST, subject=who.request_id)
    execution, block = who.execution, who.parent
    name = execution.execution_id
    # What is stopped already may still undo and tidy up.
    goes_on = not execution.cancel_cause and not execution.compensating
    if goes_on and (
        _is_due(turn, TimerKind.DEADLINE, name) or _is_due(turn, TimerKind.UNTIL, name)
    ):
        return True
    while block is not None:
        goes_on = block.flow is not None and not block.flow.abort
        if block.node.timeout and goes_on and _is_due(turn, TimerKind.TIMEOUT, name, block.key):
            return True
        block = block.parent
    return False


def _is_due(turn: Turn, kind: TimerKind, execution_id: str = "", subject: str = "") -> bool:
    timer = timer_of(turn.state, kind, execution_id=execution_id, subject=subject)
    return timer is not None and timer.at <= (turn.wall if timer.wall else turn.now)


def _nearest_first(
    turn: Turn, action: ActionState, robots: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, float]]:
    """Sort robots that an action may get by their ways to its target, as far as those are known."""
    measure = turn.world.get("distance")
    if measure is None or len(robots) < 2 or not action.node.targets:
        return robots, {}
    given = sent_parameters(action)
    place = next((given[name] for name in action.node.targets if given.get(name)), None)
    known = {} if place is None else {robot: measure(robot, place) for robot in robots}
    ways = {robot: metres for robot, metres in known.items() if metres is not None}

    def rank(robot: str) -> tuple[int, float]:
        return doubt(turn.state, action, robot), ways.get(robot, inf)

    return tuple(sorted(robots, key=rank)), ways


def _held_back(queue: Queue, reserved: set[str]) -> bool:
    return bool(reserved) and any(demand.resource in reserved for demand in queue.demands)


def _reserve(turn: Turn, queue: Queue, reserved: set[str], robots: tuple[str, ...]) -> None:
    if _waited(turn, queue) <= turn.config.reserve_after:
        return
    for demand in queue.demands:
        # An action that waits for one robot reserves nothing of the others.
        reserved.update(part_of(robot, demand) for robot in robots)
        if not robots:
            reserved.add(demand.resource)


def _dispatch(turn: Turn, action: ActionState) -> None:
    execution = action.execution
    node = action.node
    attempt = execution.attempts.get(action.key, 0) + 1
    goal_id = goal_uuid(execution.execution_id, action.key, attempt)
    timeout = node.timeout
    if node.adaptive_timeout:
        learned = learned_timeout(turn.state, node.action_type, node.adaptive_timeout)
        timeout = timeout if learned is None else learned
    if timeout is not None:
        timeout *= action.timeout_factor
    name = action.server
    server = turn.state.servers.get(name) if name else None
    note_not_known(turn, action)
    turn.emit(
        e.TaskStarted(
            **turn.action(action),
            attempt=attempt,
            goal_id=goal_id,
            timeout=timeout,
            trial=server is not None and server.breaker is BreakerStatus.HALF_OPEN,
            fixed=_fixed(turn, action),
            breaker_wait=breaker_wait(turn.state, action, turn.now),
        )
    )
    turn.request(dispatch_effect(action))


def _fixed(turn: Turn, action: ActionState) -> dict[str, Any]:
    """Return the targets that move with the robot as places that do not.

    "2.5 m ahead" is the same place when the goal is sent again after half of the way. A goal whose
    robot's place is not known is not sent (LATE_TRANSFORM): it is looked at anew.
    """
    if not action.node.targets or action.fixed:
        return {}
    fix = turn.world.get("fix")
    if fix is None:
        return {}
    given = sent_parameters(action)
    targets = [name for name in action.node.targets if name in given]
    found = {name: fix(given[name], action.robot) for name in targets}
    return {name: place for name, place in found.items() if place is not None}


def dispatch_effect(action: ActionState) -> Dispatch:
    """Return the effect that sends an action's goal."""
    shorter = action.node.resume.get("how") == "skip"
    return Dispatch(
        execution_id=action.execution.execution_id,
        key=action.key,
        attempt=action.attempt,
        goal_id=action.goal_id,
        capability=action.node.action_type,
        parameters=sent_parameters(action),
        timeout=action.timeout,
        server=action.server,
        idempotent=action.node.idempotent,
        robot=action.robot,
        timeout_factor=action.timeout_factor,
        feedback=action.node.compensation_of_partial is not None,
        skipped=int(action.carried or 0) if shorter else 0,
        goes_on=something_done(action),
    )


def preempt(turn: Turn, action: ActionState, demands: tuple[Demand, ...]) -> None:
    """Ask holders to make room if that is enough for all demands of an action."""
    victims: dict[str, ActionState] = {}
    for demand in demands:
        found = _victims_of(turn, action, demand)
        if found is None:
            return
        for victim in found:
            victims[victim.goal_id] = victim
    by = f"{action.key} of execution {action.execution.execution_id}"
    for victim in victims.values():
        turn.emit(
            e.TaskPreempted(
                time=turn.now,
                execution_id=victim.execution.execution_id,
                key=victim.key,
                attempt=victim.attempt,
                by=by,
            )
        )
        ask_to_cancel(turn, victim, CancelIntent.PREEMPT, f"makes room for {by}")


def _victims_of(turn: Turn, action: ActionState, demand: Demand) -> list[ActionState] | None:
    """Return the actions to preempt so that a demand fits; None if preempting does not help."""
    best: list[ActionState] | None = None
    for spec in candidates(turn.config.resources, demand):
        use = turn.state.resources.get(spec.name)
        held = list(use.leases.values()) if use is not None else []
        free = spec.capacity - sum(one.lease.amount for one in held)
        blocking = [one for one in held if one.lease.shared != demand.shared]
        if free + 1e-9 >= demand.amount and not blocking:
            return []
        chosen: list[ActionState] = []
        weakest_first = sorted(held, key=lambda one: (one.priority, -one.acquired))
        for one in weakest_first:
            if free + 1e-9 >= demand.amount and not blocking:
                break
            victim = _may_go(turn, action, one)
            if victim is None:
                continue
            chosen.append(victim)
            free += one.lease.amount
            blocking = [other for other in blocking if other is not one]
        if (
            free + 1e-9 >= demand.amount
            and not blocking
            and (best is None or len(chosen) < len(best))
        ):
            best = chosen
    return best


def _may_go(turn: Turn, action: ActionState, held: HeldLease) -> ActionState | None:
    execution = turn.state.executions.get(held.execution_id) if held.execution_id else None
    if held.quarantine or execution is None or execution.priority >= action.execution.priority:
        return None
    victim = execution.actions.get(held.key)
    if victim is None or not victim.node.preemptible or not victim.goal_id or victim.intent:
        return None
    return victim
