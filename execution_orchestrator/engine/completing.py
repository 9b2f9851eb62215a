"""Actions that did what the plan asked for."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.checkpoints import checkpoint_if_due
from execution_orchestrator.engine.scope import holds
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.expressions import ExpressionError


def complete(
    turn: Turn,
    action: ActionState,
    output: Any,
    reason: str = "",
    *,
    deviations: tuple[str, ...] = (),
    partial: bool = False,
) -> None:
    """End an action well; its `terminate_if` may end the plan around it, too."""
    node = action.node
    ends = node.kind == "return"
    if node.terminate_if:
        try:
            if holds(node.terminate_if, action, turn.world, status="SUCCEEDED", output=output):
                ends = True
                reason = f"{node.terminate_if} holds, the plan ends here"
        except ExpressionError as failure:
            # It cannot be said to hold, so the plan goes on; the reason stays visible.
            reason = f"terminate_if cannot be decided: {failure}"
    turn.emit(
        e.TaskCompleted(
            time=turn.now,
            execution_id=action.execution.execution_id,
            key=action.key,
            attempt=action.attempt,
            output=output,
            reason=reason,
            ends_scope=ends,
            deviations=deviations,
            partial=partial,
        )
    )
    if node.kind == "capability":
        checkpoint_if_due(turn, action.execution)
