"""What happens between the last dependency of an action and its start."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import control_flow, guards
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.attempts import (
    complete,
    complete_without_rest,
    fail_attempt,
    fail_expression,
    nothing_left,
)
from execution_orchestrator.engine.effects import NotifyConfirmationNeeded
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.recovery.decisions import fail_for_good
from execution_orchestrator.engine.scope import holds, rendered_parameters
from execution_orchestrator.engine.state import FOR_A_FAILURE, ActionState, blocks_around
from execution_orchestrator.engine.status import AttemptOutcome, SkipCause
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.engine.waiting_reasons import reason_to_wait
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError

_SKIPPED_BY_ITSELF = (SkipCause.CONDITION, SkipCause.GUARD, SkipCause.LEFT_OUT)


def _comes_after_a_failure(action: ActionState) -> bool:
    """Say whether an action answers a failure, or is in a block that is tried again after one.

    What was done before that failure does nothing about it.
    """
    if not action.execution.follows(Logic.ONLY_WHAT_HOLDS_IS_KEPT):
        return action.block == "compensation"
    around = list(blocks_around(action))
    tried_again = any(block.attempts_failed for block in around)
    return tried_again or any(one.block.startswith(FOR_A_FAILURE) for one in (action, *around))


def _tidies_up_again(action: ActionState) -> bool:
    """Say whether an action tidies up after something that was done since it was done before."""
    if not action.execution.follows(Logic.TIDIES_UP_AGAIN):
        return False
    blocks = {one.parent for one in (action, *blocks_around(action)) if one.block == "finally"}
    if not blocks:
        return False
    return any(
        one.parent in blocks and one.block != "finally"
        for sent in action.execution.actions.values()
        if sent.attempt
        for one in (sent, *blocks_around(sent))
    )


def start(turn: Turn, action: ActionState) -> None:
    """Check all that may keep an action from its start, in order, and start it if nothing does."""
    execution = action.execution
    node = action.node
    if action.tainted:
        other = execution.actions.get(action.tainted)
        if other is not None and other.skip_cause in _SKIPPED_BY_ITSELF:
            skip(turn, action, SkipCause.LEFT_OUT, f"{action.tainted} was skipped")
        else:
            skip(turn, action, SkipCause.DEPENDENCY, f"{action.tainted} did not succeed")
        return
    if action.refused:
        fail_for_good(
            turn,
            action,
            ErrorInfo(
                type=ErrorType.CANCELLATION,
                code="CONFIRMATION_REFUSED",
                message=action.reason,
                recoverable=False,
            ),
        )
        return
    if execution.achieved:
        before = execution.achieved.get(action.key)
        if (
            before is not None
            and before[1] == node.action_type
            and not _comes_after_a_failure(action)
            and not _tidies_up_again(action)
        ):
            _complete_as_before(turn, action, before[2])
            return
    if nothing_left(action):
        done = "all of it was done before its goal failed"
        deviation = f"{done}: {action.error.message}" if action.error is not None else done
        complete_without_rest(turn, action, "", deviation)
        return
    if _stops_here(action):
        turn.emit(e.BreakpointReached(**turn.action(action)))
        return
    if not _conditions_hold(turn, action):
        return
    if node.require_confirmation and not action.confirmed:
        _ask(turn, action)
        return
    if node.kind == "capability":
        _make_ready(turn, action)
    else:
        control_flow.enter(turn, action)


def _complete_as_before(turn: Turn, action: ActionState, output: Any) -> None:
    """Let an action end as it did before the execution was started again."""
    execution, key = action.execution, action.key
    if execution.follows(Logic.LAST_TRY_COUNTS):
        deviations, partial = execution.deviations.get(key, ()), key in execution.partial
    else:
        deviations, partial = (), False
    complete(turn, action, output, "was done before", deviations=deviations, partial=partial)


def skip(turn: Turn, action: ActionState, cause: SkipCause, reason: str) -> None:
    """Leave an action out."""
    turn.emit(e.TaskSkipped(**turn.attempt(action), cause=cause, reason=reason))


def _stops_here(action: ActionState) -> bool:
    execution = action.execution
    if action.passed or action.block == "compensation":
        return False
    return (
        execution.stepping
        or action.key in execution.breakpoints
        or action.node.id in execution.breakpoints
    )


def _conditions_hold(turn: Turn, action: ActionState) -> bool:
    node = action.node
    if node.condition and not action.condition_holds:
        try:
            if not holds(node.condition, action, turn.world):
                skip(turn, action, SkipCause.CONDITION, f"{node.condition} does not hold")
                return False
        except ExpressionError as failure:
            fail_expression(turn, action, failure, "the condition cannot be decided")
            return False
    if not guards.may_start(turn, action):
        return False
    for text in node.preconditions:
        try:
            if holds(text, action, turn.world):
                continue
        except ExpressionError as failure:
            fail_expression(turn, action, failure, "a precondition cannot be decided")
            return False
        fail_attempt(
            turn,
            action,
            AttemptOutcome.INVALID,
            ErrorInfo(
                type=ErrorType.EXECUTION,
                code="PRECONDITION_FAILED",
                message=f"the precondition {text} does not hold",
            ),
        )
        return False
    return True


def _ask(turn: Turn, action: ActionState) -> None:
    node = action.node
    limit = node.confirmation_timeout or turn.config.confirmation_timeout
    question = f"may {action.key} ({node.description or node.action_type}) run?"
    turn.emit(
        e.ConfirmationRequested(
            **turn.action(action),
            question=question,
            until=None if limit is None else turn.now + limit,
        )
    )
    turn.request(
        NotifyConfirmationNeeded(
            execution_id=action.execution.execution_id, key=action.key, question=question
        )
    )


def _make_ready(turn: Turn, action: ActionState) -> None:
    node = action.node
    parameters: dict[str, Any] | None = None
    if node.has_templates:
        try:
            parameters = rendered_parameters(action, turn.world)
        except ExpressionError as failure:
            fail_expression(turn, action, failure, "a parameter has no value")
            return
    action.staged = None
    turn.emit(
        e.TaskReady(
            **turn.action(action),
            parameters=parameters,
            reason=reason_to_wait(turn.state, turn.config, action, turn.now),
        )
    )
