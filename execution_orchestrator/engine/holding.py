"""Goals that stand still during a pause, on servers that can hold what they do."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.effects import HoldGoal
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.turn import Turn


def hold(turn: Turn, action: ActionState) -> None:
    """Let the server of an action's goal stand still."""
    note(turn, action, held=True)
    turn.wish(hold_effect(action, hold=True))


def let_go(turn: Turn, action: ActionState) -> None:
    """Let the server go on, unless it stands still for somebody else too."""
    note(turn, action, held=False)
    server = action.server
    if not any(one.held and one.server == server for one in turn.state.goals.values()):
        turn.wish(hold_effect(action, hold=False))


def hold_effect(action: ActionState, *, hold: bool) -> HoldGoal:
    """Return the wish to hold the server of an action, or to let it go."""
    return HoldGoal(
        execution_id=action.execution.execution_id,
        key=action.key,
        goal_id=action.goal_id,
        capability=action.node.action_type,
        hold=hold,
        robot=action.robot,
    )


def note(turn: Turn, action: ActionState, *, held: bool) -> None:
    """State that the server of an action stands still, or no longer does."""
    turn.emit(
        e.TaskHeld(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            held=held,
        )
    )
