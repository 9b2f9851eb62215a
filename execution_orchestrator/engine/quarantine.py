"""Goals whose end is not confirmed: the robot may still be moving.

A server that accepts a cancel and drives on, refuses it, does not answer, or falls silent leaves
open what the robot does. Such a goal goes into quarantine. The attempt is over, with the outcome
UNKNOWN, and so may be the whole execution, but what the goal holds stays with it, it stays watched
and its server is asked to cancel it, also after a restart. It leaves the quarantine when its server
tells how it ended, when the server is known to be dead, or when a person says that nothing moves.
"""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.effects import CancelGoal, Reattach
from execution_orchestrator.engine.inputs import ReleaseQuarantine
from execution_orchestrator.engine.scope import sent_parameters
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.status import QuarantineEnd
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

OUTCOME_UNKNOWN = "GOAL_OUTCOME_UNKNOWN"
MAY_MOVE = e.MAY_MOVE


def begin(turn: Turn, action: ActionState, reason: str, *, stands: bool = False) -> None:
    """Quarantine an action's goal, with all it holds, until its end is known.

    ``stands``: odometry shows that the robot does not move.
    """
    _keep(
        turn,
        action,
        e.GoalQuarantined(
            time=turn.now,
            goal_id=action.goal_id,
            owner=action.execution.execution_id,
            action=action.key,
            number=action.attempt,
            capability=action.node.action_type,
            server=action.server,
            robot=action.robot,
            parameters=sent_parameters(action),
            timeout=action.timeout,
            idempotent=action.node.idempotent,
            accepted=action.accepted,
            reason=reason,
            stands=stands,
        ),
    )


def begin_motion(turn: Turn, action: ActionState, motion: e.RecoveryMoves, reason: str) -> None:
    """Keep the goal with which an action's recovery moves the robot, with all it holds."""
    _keep(
        turn,
        action,
        e.GoalQuarantined(
            time=turn.now,
            goal_id=motion.goal_id,
            owner=action.execution.execution_id,
            action=action.key,
            number=action.attempt,
            capability=motion.strategy,
            server=motion.server,
            robot=action.robot,
            parameters=motion.goal,
            accepted=True,
            reason=reason,
            interface=motion.interface,
        ),
    )


def _keep(turn: Turn, action: ActionState, goal: e.GoalQuarantined) -> None:
    if goal.goal_id not in turn.state.quarantined:
        leases = turn.state.leases
        held = [leases[name] for name in action.leases if name in leases]
        turn.emit(
            msgspec.structs.replace(
                goal,
                leases=tuple(one.lease for one in held),
                # All that an action holds was taken at once.
                acquired=held[0].acquired if held else None,
                priority=held[0].priority if held else 0,
            )
        )
    stop_again(turn, turn.state.quarantined[goal.goal_id])


def stop_again(turn: Turn, goal: e.GoalQuarantined) -> None:
    """Ask the goal's server once more to cancel it."""
    turn.request(CancelGoal(goal_id=goal.goal_id, execution_id=goal.owner, key=goal.action))


def over(turn: Turn, goal_id: str, cause: QuarantineEnd, reason: str) -> None:
    """End the quarantine of a goal, if it is in one."""
    goal = turn.state.quarantined.get(goal_id)
    if goal is None:
        return
    turn.emit(
        e.QuarantineEnded(
            time=turn.now,
            goal_id=goal_id,
            owner=goal.owner,
            action=goal.action,
            cause=cause,
            reason=reason,
            lease_ids=tuple(lease.lease_id for lease in goal.leases),
        )
    )


def on_release(turn: Turn, incoming: ReleaseQuarantine) -> None:
    """Release a quarantined goal because a person says that it has ended."""
    chosen = [
        goal
        for goal in turn.state.quarantined.values()
        if incoming.goal_id == goal.goal_id
        or (incoming.resource and any(one.resource == incoming.resource for one in goal.leases))
    ]
    if not chosen:
        known = "; ".join(f"{goal.goal_id} ({named(goal)})" for goal in _all(turn.state))
        wanted = incoming.goal_id or incoming.resource
        where = f"in quarantine: {known or 'nothing'}"
        if incoming.goal_id or incoming.resource:
            turn.refuse(f"{wanted} is not in quarantine; {where}")
        else:
            turn.refuse(f"neither a goal nor a resource is named; {where}")
        return
    for goal in chosen:
        said = f"{incoming.who or 'a person'} says that it is over"
        over(turn, goal.goal_id, QuarantineEnd.RELEASED, said)
    turn.ids = tuple(goal.goal_id for goal in chosen)


def reattached(goal: e.GoalQuarantined) -> Reattach:
    """Return the effect that watches a goal again after a restart, and cancels it."""
    return Reattach(
        execution_id=goal.owner,
        key=goal.action,
        attempt=goal.number,
        goal_id=goal.goal_id,
        capability=goal.capability,
        parameters=goal.parameters,
        timeout=goal.timeout,
        server=goal.server,
        idempotent=goal.idempotent,
        robot=goal.robot,
        accepted=goal.accepted,
        cancel=True,
        interface=goal.interface,
    )


def motion_again(action: ActionState, motion: e.RecoveryMoves) -> Reattach:
    """Return the effect that watches and cancels a recovery's goal after a restart."""
    return Reattach(
        execution_id=motion.execution_id,
        key=motion.key,
        attempt=motion.attempt,
        goal_id=motion.goal_id,
        capability=motion.strategy,
        parameters=motion.goal,
        server=motion.server,
        robot=action.robot,
        accepted=True,
        cancel=True,
        interface=motion.interface,
    )


def forbids(state: OrchestratorState, action: ActionState) -> bool:
    """Say whether sending an action now could do twice what must not be done twice.

    A goal of the same action, or of the same server, may still run. Resources need no check here:
    those of a goal in quarantine are not free.
    """
    if action.node.idempotent:
        return False
    owner, key, server = action.execution.execution_id, action.key, action.node.server
    return any(
        # What a recovery moves is no matter but of resources.
        not goal.interface
        and ((goal.owner == owner and goal.action == key) or (server and goal.server == server))
        for goal in state.quarantined.values()
    )


def without_goals(
    state: OrchestratorState, action: ActionState, robots: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the robots on whose server no goal may still do what must not be done twice."""
    if action.node.idempotent or not state.quarantined:
        return robots
    busy = {goal.server for goal in state.quarantined.values() if not goal.interface}
    return tuple(robot for robot in robots if action.node.servers.get(robot) not in busy)


def has_goal_of(state: OrchestratorState, action: ActionState) -> bool:
    """Say whether a goal of an action's last attempt may still run."""
    return any(
        not goal.interface
        and goal.owner == action.execution.execution_id
        and (goal.action, goal.number) == (action.key, action.attempt)
        for goal in state.quarantined.values()
    )


def unknown_outcome(
    action: ActionState, error_type: ErrorType, why: str, *, stands: bool = False
) -> ErrorInfo:
    """Return the error of an attempt whose end is unknown."""
    return ErrorInfo(
        type=error_type,
        code=OUTCOME_UNKNOWN,
        message=f"{why}; {e.doubt(stands=stands)}",
        # What cannot be done twice must not be tried again when it may be under way.
        recoverable=action.node.idempotent,
    )


def warning(state: OrchestratorState, execution_id: str) -> str:
    """Return a sentence on what an execution leaves behind, empty if that is nothing."""
    left = [goal for goal in _all(state) if goal.owner == execution_id]
    if not left:
        return ""
    moves = [goal for goal in left if not goal.stands]
    return f"{(moves or left)[0].doubt}: " + "; ".join(
        f"{named(goal)}, {goal.reason}" for goal in left
    )


def not_ended(state: OrchestratorState) -> str:
    """Name the goals that are not confirmed as ended, empty if all are."""
    running = [
        f"{action.key} of {action.execution.execution_id} on {action.server or 'its server'}"
        for goal_id, action in state.goals.items()
        if goal_id not in state.quarantined
    ]
    moved = [
        f"{motion.strategy} of {motion.key} of {motion.execution_id} on {motion.server}"
        for goal_id, action in state.motions.items()
        if goal_id not in state.quarantined and (motion := action.motion) is not None
    ]
    return "; ".join([*running, *moved, *(named(goal) for goal in _all(state))])


def named(goal: e.GoalQuarantined) -> str:
    """Name a goal in words."""
    return f"{goal.what} of {goal.owner} on {goal.server or goal.capability}"


def _all(state: OrchestratorState) -> list[e.GoalQuarantined]:
    return list(state.quarantined.values())
