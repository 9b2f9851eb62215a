"""Actions that failed for good are kept, and can be tried again as executions of their own."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.attempts import nothing_left
from execution_orchestrator.engine.scope import left_parameters, sent_parameters
from execution_orchestrator.engine.state import ActionState, DeadLetterState, ExecutionState
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo


def keep(turn: Turn, action: ActionState, error: ErrorInfo) -> None:
    """Keep an action that failed for good; the oldest letter makes room."""
    execution = action.execution
    if execution.retry_of or action.node.kind != "capability" or not action.attempt:
        return
    letters = turn.state.dead_letters
    while len(letters) >= turn.config.dead_letters_kept:
        change(turn, letters[next(iter(letters))], "discarded")
    letter_id = f"{execution.execution_id}/{action.key}/{action.attempt}"
    turn.emit(
        e.DeadLetterAdded(
            **turn.attempt(action),
            dead_letter_id=letter_id,
            action_type=action.node.action_type,
            action=dict(action.node.data),
            parameters=_to_be_done(action),
            error=error,
            retry_after=turn.now + turn.config.dead_letter_backoff,
        )
    )


def _to_be_done(action: ActionState) -> dict[str, Any]:
    """Return the parameters with which to try again: for the rest, or all of it if none is left."""
    return sent_parameters(action) if nothing_left(action) else left_parameters(action)


def change(
    turn: Turn,
    letter: DeadLetterState,
    status: str,
    retry_after: float = 0.0,
    parameters: dict[str, Any] | None = None,
) -> None:
    """Change the status of a letter, and what is left to do of its action."""
    turn.emit(
        e.DeadLetterChanged(
            time=turn.now,
            execution_id=letter.execution_id,
            key=letter.key,
            dead_letter_id=letter.dead_letter_id,
            status=status,
            retry_after=retry_after,
            parameters=parameters,
        )
    )


def retry_ended(turn: Turn, execution: ExecutionState) -> None:
    """Take the letter off the list if its retry went well, else wait twice as long."""
    letter = turn.state.dead_letters.get(execution.retry_of) if execution.retry_of else None
    if letter is None:
        return
    if execution.status is ExecutionStatus.COMPLETED:
        change(turn, letter, "succeeded")
    else:
        backoff = turn.config.dead_letter_backoff * 2.0 ** min(letter.retries, 16)
        tried = execution.actions.get(letter.key.rpartition("/")[2])
        left = None
        if tried is not None and tried.begun and tried.status is not ActionStatus.SUCCEEDED:
            left = _to_be_done(tried)
        change(turn, letter, "waiting", turn.now + backoff, left)


def single_action_plan(letter: DeadLetterState) -> dict[str, Any]:
    """Return a plan that does what the letter's action was to do."""
    action = {
        **letter.action,
        "parameters": letter.parameters,
        "depends_on": [],
        "condition": None,
        "compensation": None,
        "compensation_of_partial": None,
        "terminate_if": None,
    }
    return {
        "version": 1,
        "id": f"retry of {letter.dead_letter_id}",
        "command": "",
        "description": f"{letter.action_type} once more",
        "timeout": None,
        "actions": [action],
    }
