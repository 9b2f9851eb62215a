"""Goals that continue after their cancel: the servers that work for them are stopped.

A server that ignores or refuses a cancel, or answers late, leaves the goals that it sent to other
servers running: a navigator's controller drives. Those are cancelled a moment later, long before
the end of the goal counts as not confirmed (quarantine.py).
"""

from __future__ import annotations

from collections.abc import Collection

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import timer_of
from execution_orchestrator.engine.effects import StopBelow
from execution_orchestrator.engine.state import ActionState, Timer
from execution_orchestrator.engine.status import ActionStatus, TimerKind
from execution_orchestrator.engine.turn import Turn


def due(turn: Turn, action: ActionState) -> float | None:
    """Return by when a goal that is cancelled now has to end; None: nothing is stopped for it.

    A goal that was to end already gets no more time because it is cancelled for another reason.
    """
    if not _moved_alone(turn, action.leases):
        return None
    if action.status is ActionStatus.CANCELING or action.stopping is not None:
        timer = _timer(turn, action)
        return timer.at if timer is not None else None
    return turn.now + turn.config.cancel_patience


def on_timer(turn: Turn, action: ActionState) -> None:
    """Cancel the goals below a goal, or recovery motion, that has not ended since its cancel."""
    if action.goal_id and action.status is ActionStatus.CANCELING:
        goal_id, server = action.goal_id, action.server
        what = "goes on" if action.accepted else "has not said whether it takes the goal"
    elif action.motion is not None and action.stopping is not None:
        goal_id, server, what = action.motion.goal_id, action.motion.server, "goes on"
    else:
        return
    waited = f"{turn.config.cancel_patience:g} s"
    _stop(turn, action, goal_id, f"{server or 'its server'} {what} {waited} after the cancel")


def refused(turn: Turn, action: ActionState) -> None:
    """Cancel the goals below one whose server refuses the cancel."""
    _stop(turn, action, action.goal_id, f"{action.server or 'its server'} refuses the cancel")


def again(turn: Turn, action: ActionState) -> None:
    """Cancel what is below a goal or a motion that is being cancelled, if that was due already.

    An earlier process may have died before it did so, or the server has only now begun.
    """
    goal_id = action.motion.goal_id if action.motion is not None else action.goal_id
    if goal_id and _timer(turn, action) is None:
        _request(turn, goal_id, _moved_by(turn, action, goal_id))


def found_in_quarantine(turn: Turn, goal: e.GoalQuarantined) -> None:
    """Cancel the goals below a quarantined goal that still runs after a restart."""
    _request(turn, goal.goal_id, _moved_alone(turn, _kept(goal)))


def _stop(turn: Turn, action: ActionState, goal_id: str, reason: str) -> None:
    moved = _moved_by(turn, action, goal_id)
    if moved:
        turn.emit(
            e.StoppedBelow(**turn.attempt(action), goal_id=goal_id, resources=moved, reason=reason)
        )
        _request(turn, goal_id, moved)


def _request(turn: Turn, goal_id: str, resources: tuple[str, ...]) -> None:
    if resources:
        turn.request(StopBelow(goal_id=goal_id, resources=resources))


def _timer(turn: Turn, action: ActionState) -> Timer | None:
    return timer_of(
        turn.state, TimerKind.BELOW, execution_id=action.execution.execution_id, subject=action.key
    )


def _moved_by(turn: Turn, action: ActionState, goal_id: str) -> tuple[str, ...]:
    """Return the movable resources that an action's goal, or recovery motion, alone holds.

    The goal can be in quarantine and its attempt not over: the process died between the two.
    """
    kept = turn.state.quarantined.get(goal_id)
    return _moved_alone(turn, action.leases if kept is None else _kept(kept))


def _kept(goal: e.GoalQuarantined) -> list[str]:
    return [lease.lease_id for lease in goal.leases]


def _moved_alone(turn: Turn, lease_ids: Collection[str]) -> tuple[str, ...]:
    """Return the movable resources of these leases that no other goal holds."""
    state, specs = turn.state, turn.config.resources
    names = dict.fromkeys(
        state.leases[one].lease.resource for one in lease_ids if one in state.leases
    )
    own = set(lease_ids)
    return tuple(
        name
        for name in names
        if name in specs and specs[name].moves and state.resources[name].leases.keys() <= own
    )
