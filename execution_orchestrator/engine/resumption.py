"""Goals that are sent again go on where the one before was, as far as its feedback told.

A capability says with `resume` which number of its feedback tells how far a goal has come, and what
that changes in the parameters of the next goal (plan/capability.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.turn import Turn

PERIOD = 1.0  # seconds between two notes of a number that changes all the time


def take(turn: Turn, action: ActionState, reached: float) -> None:
    """Take what feedback tells; at once into the journal if it is a count, else now and then."""
    resume = action.node.resume
    if not resume:
        return
    action.heard = reached
    if resume["how"] != "subtract" or turn.now - action.reached_at >= PERIOD:
        note(turn, action)


def note(turn: Turn, action: ActionState) -> None:
    """Journal how far the goal of an action has come, if that is news."""
    if action.heard is None or action.heard == action.reached:
        return
    turn.emit(
        e.TaskReached(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            reached=action.heard,
        )
    )


def remaining(parameters: dict[str, Any], resume: Mapping[str, Any], carried: float) -> Any:
    """Return the parameters of a goal for what is left of an action."""
    into, how = resume["into"], resume["how"]
    value = parameters.get(into)
    changed: Any
    if how == "set":
        changed = int(carried)
    elif how == "subtract" and isinstance(value, int | float):
        left = max(0.0, abs(value) - abs(carried))
        changed = left if value >= 0.0 else -left
    elif how in ("keep", "skip") and isinstance(value, list | tuple) and value:
        # The last one always stays: that it was reached would have been the end of the goal.
        kept = int(carried) if how == "keep" else len(value) - int(carried)
        changed = list(value[-max(1, kept) :])
    else:
        return parameters
    return {**parameters, into: changed}
