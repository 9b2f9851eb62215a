"""Attempts that fail: the one way from an error to recovery."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import holding, resumption
from execution_orchestrator.engine.recovery import breaker
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import AttemptOutcome
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError


def fail_attempt(
    turn: Turn, action: ActionState, outcome: AttemptOutcome, error: ErrorInfo
) -> None:
    """End the attempt of an action; its recovery is decided next."""
    breaker.failed(turn, action, error)
    resumption.note(turn, action)
    turn.emit(
        e.TaskAttemptFailed(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            outcome=outcome,
            error=error,
        )
    )
    release(turn, action)


def fail_expression(turn: Turn, action: ActionState, failure: ExpressionError, what: str) -> None:
    """End the attempt because an expression has no value."""
    fail_attempt(
        turn,
        action,
        AttemptOutcome.INVALID,
        ErrorInfo(
            type=ErrorType.EXPRESSION,
            code="EXPRESSION_FAILED",
            message=f"{what}: {failure}",
            recoverable=False,
        ),
    )


def requeue(
    turn: Turn, action: ActionState, reason: str, *, lost: bool = False, hindered: bool = False
) -> None:
    """End an attempt without a fault of its own; the action comes again."""
    resumption.note(turn, action)
    turn.emit(
        e.TaskRequeued(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            reason=reason,
            lost=lost,
            hindered=hindered,
        )
    )
    release(turn, action)


def release(turn: Turn, action: ActionState) -> None:
    """Give the action's resources back, and its server if that stands still for it."""
    if action.held:
        holding.let_go(turn, action)
    if action.leases:
        turn.emit(
            e.ResourceReleased(
                time=turn.now,
                execution_id=action.execution.execution_id,
                key=action.key,
                attempt=action.attempt,
                lease_ids=action.leases,
            )
        )
