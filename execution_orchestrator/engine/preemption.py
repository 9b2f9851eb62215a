"""A more urgent execution takes resources from actions that allow it."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.cancellation import ask_to_cancel
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.resources import candidates
from execution_orchestrator.engine.state import ActionState, HeldLease
from execution_orchestrator.engine.status import CancelIntent
from execution_orchestrator.engine.turn import Turn


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
    """Return who has to go so that a demand fits, empty if it fits, None if nothing helps."""
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
