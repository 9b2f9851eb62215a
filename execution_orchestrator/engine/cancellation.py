"""Stopping what runs, from a whole execution down to the goal on its server."""

from __future__ import annotations

from execution_orchestrator.engine import attempts, quarantine, stopping_below
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.attempts import release
from execution_orchestrator.engine.effects import (
    AbandonPreparation,
    AbandonReplan,
    CancelGoal,
)
from execution_orchestrator.engine.inputs import Cancel
from execution_orchestrator.engine.recovery import motions
from execution_orchestrator.engine.state import (
    ActionState,
    ExecutionState,
    blocks_around,
    tidies_up,
)
from execution_orchestrator.engine.status import (
    AbortCause,
    ActionStatus,
    CancelCause,
    CancelIntent,
    SkipCause,
)
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_ENDS = (CancelCause.CANCEL, CancelCause.DEADLINE, CancelCause.REFUSED, CancelCause.FAILURE)


def on_cancel(turn: Turn, incoming: Cancel) -> None:
    """Cancel one execution, or all.

    Who cancels one by its name while it undoes what was done, or for the second time while a
    finally runs, stops that, too.
    """
    chosen = chosen_executions(turn, incoming.execution_id)
    done = []
    for execution in chosen:
        stopping = bool(execution.cancel_cause) or execution.compensating
        if request_cancel(
            turn,
            execution,
            CancelCause.CANCEL,
            incoming.reason or "a client cancelled it",
            at_once=bool(incoming.execution_id) and stopping and tidies_up(execution),
            compensate=incoming.compensate or execution.options.compensate_on_cancel,
        ):
            done.append(execution.execution_id)
    turn.ids = tuple(done)
    if not done and not turn.refusal:
        turn.refuse(
            "the execution is being stopped already"
            if incoming.execution_id
            else "nothing runs that is not being stopped already"
        )


def chosen_executions(turn: Turn, execution_id: str) -> list[ExecutionState]:
    """Return the execution of an id, or all unfinished ones; refuses if there is none."""
    state = turn.state
    if not execution_id:
        running = [one for one in state.executions.values() if not one.is_final]
        if not running:
            turn.refuse("nothing runs")
        return running
    execution = state.executions.get(execution_id)
    if execution is None:
        ended = state.forgotten.get(execution_id)
        if ended is not None:
            turn.refuse(f"{execution_id} has ended: {ended.lower()}")
            return []
        known = ", ".join(list(state.executions)[-5:]) or "none"
        turn.refuse(f"no execution {execution_id!r}; the newest are: {known}")
        return []
    if execution.is_final:
        turn.refuse(f"{execution_id} has ended: {execution.status.value.lower()}")
        return []
    return [execution]


def request_cancel(
    turn: Turn,
    execution: ExecutionState,
    cause: CancelCause,
    reason: str,
    *,
    at_once: bool = False,
    compensate: bool = False,
    error: ErrorInfo | None = None,
) -> bool:
    """Begin to stop an execution; returns False if it was ending already."""
    urgent = at_once or cause is CancelCause.EMERGENCY
    if execution.is_final or execution.at_once:
        return False
    being_stopped = execution.cancel_cause in _ENDS
    if (being_stopped or execution.compensating) and not urgent:
        return False
    if execution.replan_run:
        turn.request(AbandonReplan(run_id=execution.replan_run))
    if execution.planning_run:
        turn.request(AbandonPreparation(run_id=execution.planning_run))
    turn.emit(
        e.ExecutionCancelRequested(
            **turn.execution(execution),
            cause=cause,
            reason=reason,
            compensate=compensate and not urgent,
            error=error,
            at_once=urgent,
        )
    )
    return True


def stop_children(turn: Turn, action: ActionState, reason: str) -> None:
    """Stop everything inside an action."""
    if action.flow is not None:
        for child in list(action.flow.children.values()):
            stop(turn, child, reason)


def stop(turn: Turn, action: ActionState, reason: str) -> None:
    """Stop an action and all nested ones; the end of a goal has to be confirmed by its server."""
    if action.is_final:
        return
    execution = action.execution
    flow = action.flow
    if action.goal_id:
        if action.intent is not CancelIntent.CANCEL:
            ask_to_cancel(turn, action, CancelIntent.CANCEL, reason)
    elif flow is not None and action.status is ActionStatus.RUNNING:
        turn.emit(e.BlockAborted(**turn.action(action), cause=AbortCause.CANCEL, reason=reason))
        # A finally that runs already comes to its own end, unless that is what is to be stopped.
        if flow.block != "finally" or execution.at_once:
            stop_children(turn, action, reason)
        else:
            _let_go_on(turn, action)
    elif action.status is ActionStatus.PENDING and not action.attempt:
        turn.emit(e.TaskSkipped(**turn.action(action), cause=SkipCause.ENDED, reason=reason))
    else:
        if action.run_id and motions.stop(turn, action, CancelIntent.CANCEL, reason):
            return
        cancelled(turn, action, reason)


def _let_go_on(turn: Turn, block: ActionState) -> None:
    """Resume held goals in a block that runs to its own end: a cancel ends the pause for them."""
    for action in list(turn.state.goals.values()):
        if action.held and action.intent is None and block in blocks_around(action):
            attempts.release_hold(turn, action)


def ask_to_cancel(turn: Turn, action: ActionState, intent: CancelIntent, reason: str) -> None:
    """Ask the server to cancel the goal, as soon as the server has accepted it."""
    execution_id = action.execution.execution_id
    turn.emit(
        e.TaskCancelRequested(
            **turn.attempt(action),
            intent=intent,
            goal_id=action.goal_id,
            until=turn.now + turn.config.cancel_timeout,
            below_at=stopping_below.due(turn, action),
            reason=reason,
        )
    )
    turn.request(CancelGoal(goal_id=action.goal_id, execution_id=execution_id, key=action.key))
    if action.held:
        # The cancel goes first: nothing moves on before it is stopped.
        attempts.release_hold(turn, action)


def cancelled(turn: Turn, action: ActionState, reason: str, *, confirmed: bool = True) -> None:
    """End an action as cancelled."""
    attempts.note_reached(turn, action)
    # What waits to be sent again may have an earlier goal that still runs.
    confirmed = confirmed and not quarantine.has_goal_of(turn.state, action)
    turn.emit(e.TaskCancelled(**turn.attempt(action), reason=reason, confirmed=confirmed))
    release(turn, action)


def deadline_passed(turn: Turn, execution: ExecutionState) -> None:
    """Stop an execution that took longer than it may."""
    request_cancel(
        turn,
        execution,
        CancelCause.DEADLINE,
        "the execution took longer than it may",
        compensate=execution.options.compensate_on_failure,
        error=ErrorInfo(
            type=ErrorType.TIMEOUT,
            code="EXECUTION_DEADLINE",
            message="the execution took longer than it may",
            recoverable=False,
        ),
    )
