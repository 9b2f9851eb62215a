"""The end of an execution: compensation, another try, or the final status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import quarantine
from execution_orchestrator.engine.effects import Finished, Replan
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.recovery.dead_letters import retry_ended
from execution_orchestrator.engine.scope import holds, left_parameters, sent_parameters
from execution_orchestrator.engine.state import ActionState, ExecutionState, Flow, blocks_around
from execution_orchestrator.engine.status import (
    AbortCause,
    ActionStatus,
    AttemptOutcome,
    CancelCause,
    ExecutionStatus,
    SkipCause,
)
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.counted import counted, some
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError
from execution_orchestrator.plan.tree import STEERING

_X = ExecutionStatus
MOST_DEVIATIONS = 100
MOST_NAMED = 5  # actions in one sentence
REPAIRS = ("catch", "finally", "fallback", "recovery_plan", "compensation")  # blocks


def root_done(turn: Turn, root: ActionState, flow: Flow) -> None:
    """Decide what follows when nothing of the plan runs any more."""
    execution = root.execution
    cause = execution.cancel_cause
    if execution.replan_run:
        return
    if flow.block == "compensation":
        _go_on_undoing(turn, execution)
    elif cause is CancelCause.RESTORE:
        turn.emit(
            e.CheckpointRestored(
                **turn.execution(execution), checkpoint_id=execution.cancel_checkpoint
            )
        )
    elif cause is CancelCause.REPLAN:
        _ask_for_plan(turn, execution)
    elif cause is CancelCause.FAILURE or (not cause and flow.abort is AbortCause.FAILURE):
        _undo_or_finish(turn, execution, undo=execution.options.compensate_on_failure)
    elif cause:
        wanted = execution.compensate and not execution.at_once
        _undo_or_finish(turn, execution, undo=wanted)
    else:
        finish(turn, execution)


def _undo_or_finish(turn: Turn, execution: ExecutionState, *, undo: bool) -> None:
    if undo and execution.undo:
        turn.emit(
            e.CompensationStarted(
                **turn.execution(execution),
                keys=tuple(reversed(execution.undo)),
                partial=tuple(
                    key for key, one in reversed(execution.undo.items()) if _is_half(one)
                ),
            )
        )
    else:
        finish(turn, execution)


def _go_on_undoing(turn: Turn, execution: ExecutionState) -> None:
    last = next(reversed(execution.undo), None)
    if last is None or execution.at_once:
        finish(turn, execution)
        return
    owner = execution.undo[last]
    turn.emit(
        e.BlockEntered(
            **turn.execution(execution),
            block="compensation",
            undoes=last,
            partial=_is_half(owner),
            replaced_by=owner.replaced_by if last == owner.key else 0,
        )
    )


def _is_half(action: ActionState) -> bool:
    """Return whether an action was only partly done when it is compensated."""
    return action.status is not ActionStatus.SUCCEEDED


def finish(turn: Turn, execution: ExecutionState) -> None:
    """Give an execution its final status."""
    verdict = _verdict(execution)
    if execution.compensating:
        rollback = e.RollbackEnded(
            **turn.execution(execution),
            not_undone={**_perhaps_done(turn, execution), **execution.not_undone},
            not_begun=tuple(reversed(execution.undo)),
        )
        turn.emit(rollback)
        verdict = (verdict[0], f"{verdict[1]}; {rollback.description()}", *verdict[2:])
    if verdict[0] in (_X.COMPLETED, _X.PARTIALLY_COMPLETED):
        failure = _not_achieved(turn, execution)
        if failure is not None:
            verdict = (_X.FAILED, failure.message, failure, verdict[3])
    _finish_as(turn, execution, *verdict)


def _perhaps_done(turn: Turn, execution: ExecutionState) -> dict[str, ErrorInfo]:
    """Return the actions of which it is not known whether there is something to undo.

    What undoes half of an action finds out by itself how much there is, unless the goal of the
    action may still run: what it does from now on is not undone.
    """
    quarantined = turn.state.quarantined.values()
    running = {goal.action for goal in quarantined if goal.owner == execution.execution_id}
    perhaps = {}
    for key, action in execution.actions.items():
        node = action.node
        half = node.compensation_of_partial is not None
        if (
            action.outcome is AttemptOutcome.UNKNOWN
            and action.status in (ActionStatus.CANCELLED, ActionStatus.FAILED)
            and (key in running if half else node.compensation is not None)
        ):
            then = "it may still go on" if half else "it may have been done"
            perhaps[key] = ErrorInfo(
                type=ErrorType.CONNECTIVITY,
                code=quarantine.OUTCOME_UNKNOWN,
                message=f"{action.server} did not confirm how it ended, {then}",
            )
    return perhaps


def _not_achieved(turn: Turn, execution: ExecutionState) -> ErrorInfo | None:
    """Evaluate the success condition of the plan; returns the error if it does not hold."""
    root, text = execution.root, execution.program.success
    if not text or root is None:
        return None
    reason = ""
    try:
        met = holds(text, root, turn.world)
    except ExpressionError as failure:
        met, reason = False, str(failure)
    turn.emit(e.SuccessChecked(**turn.execution(execution), success=text, holds=met, reason=reason))
    if met:
        return None
    shortfall = reason or f"{text} does not hold"
    skipped = _left_out(execution)[SkipCause.CONDITION]
    if skipped:
        shortfall = f"{shortfall}; {_named(skipped)}"
    return ErrorInfo(
        type=ErrorType.EXECUTION,
        code="GOAL_NOT_ACHIEVED",
        message=f"the plan did not reach what it is for: {shortfall}",
        recoverable=False,
    )


def _left_out(execution: ExecutionState) -> dict[SkipCause, dict[str, bool]]:
    """Return which actions were left out for which cause, and whether each is critical.

    The causes are a condition, and what comes before. One inside a loop was not left out if it was
    done in any pass: there the condition chooses among the items. A return, a delay or a wait that
    is left out leaves nothing undone, and what repairs or undoes something is not what the plan is
    for.
    """
    left: dict[SkipCause, dict[int, str]] = {SkipCause.CONDITION: {}, SkipCause.LEFT_OUT: {}}
    done: set[int] = set()
    for key, action in execution.actions.items():
        node, cause = action.node, action.skip_cause
        if action.status is ActionStatus.SUCCEEDED:
            done.add(id(node))
        elif cause in left and node.kind not in STEERING and not _repairs(action):
            left[cause].setdefault(id(node), key)
    return {
        cause: {
            key: execution.actions[key].node.data.get("critical", True)
            for identity, key in found.items()
            if identity not in done
        }
        for cause, found in left.items()
    }


def _not_tidied_up(execution: ExecutionState) -> str:
    """Name the actions in the finally of a block that had begun, which were not done."""
    keys = []
    for key, action in execution.actions.items():
        if action.status is ActionStatus.CANCELLED:
            around = key[: key.rfind("/") + 1]
            keys += [around + node.id for node in action.node.blocks.get("finally", ())]
    actions = execution.actions
    left = [
        key
        for key in keys
        if key not in actions or actions[key].status is not ActionStatus.SUCCEEDED
    ]
    return some(left, MOST_NAMED)


def _named(left_out: Iterable[str], why: str = ", as the conditions say") -> str:
    keys = list(left_out)
    were = "was" if len(keys) == 1 else "were"
    return f"{some(keys, MOST_NAMED)} {were} left out{why}"


def _repairs(action: ActionState) -> bool:
    """Return whether an action is part of a fallback, a recovery plan, a catch or a finally."""
    return any(one.block.startswith(REPAIRS) for one in (action, *blocks_around(action)))


def end_unstarted(turn: Turn, execution: ExecutionState, reason: str) -> None:
    """End an execution that has done its part without an action."""
    _finish_as(turn, execution, _X.COMPLETED, reason)


def fail_unstarted(turn: Turn, execution: ExecutionState, error: ErrorInfo) -> None:
    """End an execution of which nothing has run."""
    _finish_as(turn, execution, _X.FAILED, error.message, error)


def _finish_as(
    turn: Turn,
    execution: ExecutionState,
    status: ExecutionStatus,
    reason: str,
    error: ErrorInfo | None = None,
    output: Any = None,
) -> None:
    left = quarantine.warning(turn.state, execution.execution_id)
    if left and not e.says_unconfirmed(reason):
        reason = f"{reason}; {left}"
    turn.emit(
        e.ExecutionFinished(
            **turn.execution(execution),
            status=status.value,
            reason=reason,
            error=error,
            output=output,
            deviations=deviation_messages(execution),
        )
    )
    turn.request(Finished(execution_id=execution.execution_id))
    retry_ended(turn, execution)
    _forget_old(turn)


def _forget_old(turn: Turn) -> None:
    """Let go of what ended long ago; the newest always stays."""
    finished = turn.state.finished
    weight = sum(one.weight for one in finished.values())
    while len(finished) > turn.config.finished_kept or (
        len(finished) > 1 and weight > turn.config.finished_actions_kept
    ):
        oldest = next(iter(finished.values()))
        weight -= oldest.weight
        turn.emit(e.ExecutionForgotten(time=turn.now, execution_id=oldest.execution_id))


def _verdict(execution: ExecutionState) -> tuple[ExecutionStatus, str, ErrorInfo | None, Any]:
    root = execution.root
    flow = root.flow if root is not None else None
    cause = execution.cancel_cause
    error = execution.error
    key = flow.failed_key if flow is not None else ""
    if execution.compensating:
        # The error of a compensation is the rollback's, not that of the plan.
        key = execution.undo_cause
        error = error or (flow.original_error if flow is not None else None)
    elif flow is not None:
        error = error or flow.original_error or flow.error
    if cause in (CancelCause.CANCEL, CancelCause.EMERGENCY, CancelCause.REFUSED):
        if execution.compensating and key and error is not None:
            # It was stopped while it undid what a failure had left.
            return (
                _X.CANCELLED,
                f"{execution.cancel_reason}; {key} failed: {error.message}",
                error,
                None,
            )
        untidy = _not_tidied_up(execution)
        message = (
            f"{execution.cancel_reason}; not tidied up: {untidy}"
            if untidy
            else execution.cancel_reason
        )
        return _X.CANCELLED, message, execution.error, None
    if cause is CancelCause.DEADLINE:
        return _X.FAILED, execution.cancel_reason, error, None
    if cause is CancelCause.FAILURE or (
        flow is not None and (flow.abort is AbortCause.FAILURE or flow.block == "compensation")
    ):
        message = error.message if error is not None else execution.cancel_reason
        return _X.FAILED, f"{key} failed: {message}" if key else message, error, None
    output: Any = None
    if flow is not None:
        output = flow.returned if flow.returning else dict(flow.outputs)
    left = _left_out(execution)
    left_out, with_others = left[SkipCause.CONDITION], left[SkipCause.LEFT_OUT]
    deviations = deviation_messages(execution)
    words = "every other action" if left_out or with_others or deviations else "every action"
    words += " did what the plan asked for"
    if execution.tolerated:
        few = counted(execution.tolerated, "action")
        words = f"{few} failed or {'was' if execution.tolerated == 1 else 'were'} skipped, "
        words += "the plan allows that"
    words = "; ".join(
        part
        for part in (
            words,
            _named(left_out) if left_out else "",
            *deviations[:MOST_NAMED],
            f"{len(deviations) - MOST_NAMED} more" if len(deviations) > MOST_NAMED else "",
            _named(with_others, " with what comes before") if with_others else "",
        )
        if part
    )
    # A plan that says what it is for is judged by that.
    left_out_counts = execution.follows(Logic.LEFT_OUT_IS_PARTIAL) and not execution.program.success
    left_undone = left_out_counts and any(left_out.values())
    partial = bool(execution.partial) or execution.tolerated or left_undone
    return _X.PARTIALLY_COMPLETED if partial else _X.COMPLETED, words, None, output


def deviation_messages(execution: ExecutionState) -> tuple[str, ...]:
    """Return one sentence for each deviation from the plan."""
    replaced = (f"{key}: failed, another plan took over" for key in execution.replanned_after)
    others = (
        f"{key}: {deviation}"
        for key, several in execution.deviations.items()
        for deviation in several
    )
    return (*replaced, *others)[:MOST_DEVIATIONS]


def _ask_for_plan(turn: Turn, execution: ExecutionState) -> None:
    run_id = f"{execution.execution_id}/replan/{execution.replans + 1}"
    turn.emit(
        e.ReplanRequested(
            **turn.execution(execution),
            run_id=run_id,
            reason=execution.cancel_reason,
            until=turn.now + turn.config.replan_timeout,
            failure=_failure(execution),
        )
    )
    turn.request(replan_effect(turn, execution))


def ask_again(turn: Turn, execution: ExecutionState) -> None:
    """Ask for another plan again after a restart: the earlier process's planner is gone."""
    turn.emit(
        e.ReplanRequested(
            **turn.execution(execution),
            run_id=execution.replan_run,
            reason=execution.replan_reason,
            until=turn.now + turn.config.replan_timeout,
        )
    )
    turn.request(replan_effect(turn, execution))


def _failure(execution: ExecutionState) -> e.PlanFailure | None:
    action = execution.actions.get(execution.replan_key)
    if action is None:
        return None
    return e.PlanFailure(
        key=action.key,
        action_type=action.node.action_type,
        parameters=sent_parameters(action),
        error=execution.error,
    )


def _rest(action: ActionState) -> dict[str, Any]:
    partly = action.so_far is not None and action.status is not ActionStatus.SUCCEEDED
    return {"left": left_parameters(action)} if partly else {}


def replan_effect(turn: Turn, execution: ExecutionState) -> Replan:
    """Return the question to the planner."""
    return Replan(
        run_id=execution.replan_run,
        timeout=turn.config.replan_timeout,
        execution_id=execution.execution_id,
        command=execution.command,
        reason=execution.replan_reason,
        error=execution.error,
        plan=dict(execution.program.data),
        input=execution.input,
        history={
            key: {
                "action_type": action.node.action_type,
                "status": action.status.value,
                "output": action.output,
                "error": action.error.message if action.error is not None else "",
                **_rest(action),
            }
            for key, action in execution.actions.items()
            if key and (action.started or action.ended)
        },
        failures=tuple(execution.replan_failures),
        planner=execution.options.planner,
        made_by=execution.planner,
        optimise=execution.options.optimise,
    )
