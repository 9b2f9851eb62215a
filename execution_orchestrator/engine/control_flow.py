"""Control-flow actions (sequence, foreach, try ...): how they begin, advance and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.engine import ending, guards
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.blocks import collected, has_place, is_left_by_a_return
from execution_orchestrator.engine.attempts import complete, fail_attempt, fail_expression
from execution_orchestrator.engine.cancellation import cancelled, stop_children
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.recovery.decisions import fail_for_good, finish_run
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.scope import evaluate, holds, rendered
from execution_orchestrator.engine.state import ActionState, Flow, Frame
from execution_orchestrator.engine.status import AbortCause, AttemptOutcome, WaitingKind
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.expressions import ExpressionError, UnknownValueError

NOTHING_TO_DO = "its list was empty, nothing was done"


def enter(turn: Turn, action: ActionState) -> None:
    """Begin a control-flow action."""
    try:
        _ENTER[action.node.kind](turn, action)
    except ExpressionError as failure:
        kind = action.node.data.get("loop") or action.node.kind
        fail_expression(turn, action, failure, f"the {kind} cannot be decided")


def enter_block(turn: Turn, action: ActionState, block: str, **more: Any) -> None:
    """Create the children of a block."""
    turn.emit(e.BlockEntered(**turn.action(action), block=block, **more))


def _enter_actions(turn: Turn, action: ActionState) -> None:
    enter_block(turn, action, "actions")


def _enter_conditional(turn: Turn, action: ActionState) -> None:
    chosen = holds(action.node.data["if"], action, turn.world)
    enter_block(turn, action, "then" if chosen else "else")


def _enter_router(turn: Turn, action: ActionState) -> None:
    for index, case in enumerate(action.node.data.get("cases") or ()):
        if holds(case["when"], action, turn.world):
            enter_block(turn, action, f"case[{index}]")
            return
    by = action.node.data.get("by")
    if by and not action.node.blocks.get("default"):
        value = evaluate(by, action, turn.world)
        finding = "has no outcome" if value is None else f"is {value!r}"
        error = ErrorInfo(
            type=ErrorType.ROUTING,
            code="NO_CASE",
            message=f"{by} {finding}, for which {action.key} has neither a case nor a default",
            recoverable=False,
        )
        fail_attempt(turn, action, AttemptOutcome.INVALID, error)
        return
    enter_block(turn, action, "default")


def _enter_foreach(turn: Turn, action: ActionState) -> None:
    source = action.node.data.get("items")
    if isinstance(source, str):
        text = source.strip()
        if text.startswith("{{"):
            items = rendered(source, action, turn.world)
        else:
            items = evaluate(text, action, turn.world)
    else:
        items = rendered(source, action, turn.world)
    if not isinstance(items, list | tuple):
        raise ExpressionError(f"the items of {action.key} are {items!r}, not a list")
    limit = turn.config.max_iterations
    if len(items) > limit:
        raise ExpressionError(f"{action.key} has {len(items)} items; {limit} are allowed")
    first = action.node.data.get("while")
    if first and not holds(first, action, turn.world, frame=_round(action, 0, None)):
        items = ()
    enter_block(turn, action, "actions", items=list(items), index=0 if items else -1)


def _enter_subplan(turn: Turn, action: ActionState) -> None:
    given = rendered(action.node.data.get("inputs") or {}, action, turn.world)
    enter_block(turn, action, "actions", input=given)


def _enter_return(turn: Turn, action: ActionState) -> None:
    complete(turn, action, rendered(action.node.data.get("value"), action, turn.world))


def _enter_delay(turn: Turn, action: ActionState) -> None:
    duration = action.node.data.get("duration") or 0.0
    if isinstance(duration, str):
        value = rendered(duration, action, turn.world)
        if isinstance(value, str):
            value = evaluate(value, action, turn.world)
        duration = value
    if isinstance(duration, bool) or not isinstance(duration, int | float) or duration < 0.0:
        raise ExpressionError(f"the delay of {action.key} is {duration!r}, not seconds")
    until = turn.now + duration
    every, loop = action.node.data.get("every"), action.parent
    if every and loop is not None and loop.flow is not None and loop.flow.paced is not None:
        # From the start of one round to the start of the next.
        until = max(until, loop.flow.paced + every)
    limit = action.node.timeout
    late = limit is not None and turn.now + limit < until
    if limit is not None and late and action.execution.follows(Logic.DELAY_HAS_TIMEOUT):
        reason = f"waits for {until - turn.now:g} s, {limit:g} s at most"
        _wait(turn, action, WaitingKind.LATE_DELAY, reason, until=turn.now + limit)
        return
    _wait(turn, action, WaitingKind.DELAY, f"waits for {until - turn.now:g} s", until=until)


def _enter_wait_for(turn: Turn, action: ActionState) -> None:
    text = action.node.data["until"]
    reason = f"waits until {text}"
    try:
        if holds(text, action, turn.world):
            complete(turn, action, None, f"{text} holds")
            return
    except UnknownValueError as unknown:
        # To wait for the first or next message of a topic is a usual condition.
        reason = f"waits until {text}; so far {unknown.missing}"
    limit = action.node.timeout
    _wait(
        turn,
        action,
        WaitingKind.CONDITION,
        reason,
        until=None if limit is None else turn.now + limit,
        poll=turn.config.poll_period,
    )


def _enter_wait_for_signal(turn: Turn, action: ActionState) -> None:
    if _take_signal(turn, action):
        return
    limit = action.node.timeout
    until = None if limit is None else turn.now + limit
    reason = f"waits for the signal {action.node.data['signal']}"
    _wait(turn, action, WaitingKind.SIGNAL, reason, until=until)


def _take_signal(turn: Turn, action: ActionState) -> bool:
    """Complete a waiting action with the oldest unread value; returns False if there is none."""
    name = action.node.data["signal"]
    unread = action.execution.unread.get(name)
    if not unread:
        return False
    complete(turn, action, unread[0], f"the signal {name} came", signal=name)
    return True


def _wait(turn: Turn, action: ActionState, kind: WaitingKind, reason: str, **more: Any) -> None:
    turn.emit(e.TaskWaiting(**turn.action(action), kind=kind, reason=reason, **more))


_ENTER = {
    "sequence": _enter_actions,
    "parallel": _enter_actions,
    "try": _enter_actions,
    "conditional": _enter_conditional,
    "router": _enter_router,
    "foreach": _enter_foreach,
    "subplan": _enter_subplan,
    "return": _enter_return,
    "delay": _enter_delay,
    "wait_for": _enter_wait_for,
    "wait_for_signal": _enter_wait_for_signal,
}


def check_condition(turn: Turn, action: ActionState, *, polled: bool) -> None:
    """Check the condition or the signal that an action waits for."""
    if action.waiting_kind is WaitingKind.SIGNAL:
        _take_signal(turn, action)
        return
    text = action.node.data["until"]
    try:
        if holds(text, action, turn.world):
            complete(turn, action, None, f"{text} holds")
            return
    except UnknownValueError:
        pass
    except ExpressionError as failure:
        fail_expression(turn, action, failure, "the condition cannot be decided")
        return
    if polled and action.poll is not None:
        turn.emit(e.ConditionPolled(**turn.action(action), next=turn.now + action.poll))


def begin_root(turn: Turn, root: ActionState) -> None:
    """Begin the plan, unless it was stopped before it began, or what was before it is undone."""
    flow = root.flow
    if flow is not None and (flow.abort or flow.block == "compensation"):
        advance(turn, root)
    elif root.started:
        enter_block(turn, root, "actions")


def advance(turn: Turn, action: ActionState) -> None:
    """Decide the next step of a control-flow action whose children changed."""
    flow = action.flow
    execution = action.execution
    if flow is None:
        return
    undoing = flow.block == "compensation" and not execution.at_once
    if flow.abort and not flow.sent and not undoing:
        turn.emit(
            e.BlockAborted(
                **turn.action(action),
                cause=flow.abort,
                reason=flow.abort_reason,
            )
        )
        stop_children(turn, action, flow.abort_reason or f"{action.key or 'the plan'} ends")
        return
    if flow.open:
        if has_place(action, flow):
            enter_block(turn, action, "actions", index=flow.next_index)
        return
    if not action.parent:
        ending.root_done(turn, action, flow)
    elif flow.block == "fallback":
        _end_fallback(turn, action, flow)
    elif flow.block == "recovery_plan":
        _end_recovery_plan(turn, action, flow)
    elif action.node.kind == "try":
        _go_on_with_try(turn, action, flow)
    elif flow.abort is AbortCause.RETURN:
        complete(turn, action, flow.returned, "returned")
    elif flow.abort is AbortCause.CANCEL:
        cancelled(turn, action, flow.abort_reason)
    elif flow.abort is AbortCause.GUARD:
        _end_for_guard(turn, action)
    elif flow.abort is AbortCause.FAILURE:
        _end_badly(turn, action, flow.error)
    elif action.node.data.get("loop") and flow.next_index:
        _go_round(turn, action, flow)
    elif has_place(action, flow):
        enter_block(turn, action, "actions", index=flow.next_index)
    else:
        _end_well(turn, action, flow)


def _round(action: ActionState, index: int, last: Frame | None) -> Frame:
    """Return the scope that decides about a round: what the last one found out, and its number."""
    frame = Frame(last.prefix if last is not None else f"{action.key}[{index}]/", action.frame)
    frame.item = frame.index = index
    return frame


def _go_round(turn: Turn, action: ActionState, flow: Flow) -> None:
    """Begin the next round of a repeat or a while, or end it."""
    data = action.node.data
    until, as_long_as = data.get("until"), data.get("while")
    try:
        # In the scope of the round that is over: what it found out can end the loop.
        if until:
            over = holds(until, action, turn.world, frame=flow.frame)
        elif as_long_as:
            coming = _round(action, flow.next_index, flow.frame)
            over = not holds(as_long_as, action, turn.world, frame=coming)
        else:
            over = not has_place(action, flow)
    except ExpressionError as failure:
        fail_expression(turn, action, failure, f"the {data['loop']} cannot be decided")
        return
    if over:
        _end_well(turn, action, flow)
    elif has_place(action, flow):
        enter_block(turn, action, "actions", index=flow.next_index)
    else:
        wanted = f"{until} does not hold" if until else f"{as_long_as} still holds"
        rounds = counted(flow.next_index, "round")
        _end_badly(
            turn,
            action,
            ErrorInfo(
                type=ErrorType.EXECUTION,
                code="LOOP_EXHAUSTED",
                message=f"{wanted} after {rounds}, which is all {action.key} may make",
            ),
        )


def _end_well(turn: Turn, action: ActionState, flow: Flow) -> None:
    output = collected(action)
    outputs = action.node.data.get("outputs") if action.node.kind == "subplan" else None
    if outputs:
        try:
            output = rendered(outputs, action, turn.world, flow.frame)
        except ExpressionError as failure:
            fail_expression(turn, action, failure, "an output of the subplan has no value")
            return
    empty = action.node.kind == "foreach" and not flow.items
    complete(turn, action, output, deviations=(NOTHING_TO_DO,) if empty else ())


def _end_badly(turn: Turn, action: ActionState, error: ErrorInfo | None) -> None:
    known = error or ErrorInfo(
        type=ErrorType.UNKNOWN,
        code="CHILD_FAILED",
        message=f"too few of the actions in {action.key} succeeded",
    )
    node = action.node
    again = known.recoverable and action.attempts_failed + 1 < node.retry.max_attempts
    # On the way out of a return nothing is begun but what has to be done in any case.
    over = action.execution.follows(Logic.FINALLY_FAILS_THE_RETURN)
    over = over and is_left_by_a_return(action.parent)
    if over or (node.fallback is None and not node.recovery_plan and not again):
        fail_for_good(turn, action, known)
    else:
        fail_attempt(turn, action, AttemptOutcome.ABORTED, known)


def _end_for_guard(turn: Turn, action: ActionState) -> None:
    if action.unguarded == "skip":
        guards.conclude(turn, action)
    else:
        _end_badly(turn, action, guards.guard_error(action))


def _end_fallback(turn: Turn, action: ActionState, flow: Flow) -> None:
    worked = not flow.abort
    reason = "the fallback is done" if worked else f"the fallback failed: {flow.failed_key}"
    if flow.abort is AbortCause.CANCEL:
        reason = flow.abort_reason
    finish_run(
        turn, action, StrategyOutcome.FALLBACK, reason, strategy="fallback", succeeded=worked
    )
    if flow.abort is AbortCause.CANCEL:
        cancelled(turn, action, flow.abort_reason)
    elif flow.abort:
        fail_for_good(turn, action, flow.error or action.error)
    else:
        fallback = action.node.fallback
        output = flow.outputs.get(fallback.id) if fallback is not None else None
        deviation = (
            f"its fallback did it{f' ({fallback.action_type})' if fallback is not None else ''}"
        )
        complete(turn, action, output, "done by its fallback", deviations=(deviation,))


def _end_recovery_plan(turn: Turn, action: ActionState, flow: Flow) -> None:
    if flow.abort is AbortCause.CANCEL:
        cancelled(turn, action, flow.abort_reason)
        return
    worked = not flow.abort
    reason = (
        "the recovery plan is done" if worked else f"the recovery plan failed: {flow.failed_key}"
    )
    outcome = StrategyOutcome.RETRY if worked else StrategyOutcome.NEXT
    finish_run(turn, action, outcome, reason, strategy="recovery_plan", succeeded=worked)


def _go_on_with_try(turn: Turn, action: ActionState, flow: Flow) -> None:
    data = action.node.data
    block = flow.block
    if block == "actions" and flow.abort is AbortCause.FAILURE and flow.error is not None:
        index = _catch_of(data, flow.error)
        if index is not None:
            enter_block(turn, action, f"catch[{index}]")
            return
    stopped = action.execution.at_once
    if block != "finally" and action.node.blocks.get("finally") and not stopped:
        enter_block(turn, action, "finally")
        return
    # What the blocks before the finally came to counts, unless the finally itself failed.
    outcome = flow.outcome or flow.abort or AbortCause.NONE
    error = flow.error or flow.original_error
    if block == "finally" and flow.abort in (AbortCause.FAILURE, AbortCause.CANCEL):
        outcome = flow.abort
    if outcome is AbortCause.GUARD:
        _end_for_guard(turn, action)
        return
    if outcome is AbortCause.CANCEL:
        cancelled(turn, action, flow.abort_reason or action.execution.cancel_reason or "stopped")
        return
    caught = _catch_of(data, flow.original_error) if flow.original_error is not None else None
    if outcome is AbortCause.NONE and caught is not None and data["catch"][caught].get("rethrow"):
        outcome = AbortCause.FAILURE
    finally_failed = block == "finally" and flow.abort is AbortCause.FAILURE
    passed_over = (
        outcome is AbortCause.FAILURE and data.get("on_error") == "continue" and not finally_failed
    )
    if outcome is AbortCause.FAILURE and not passed_over:
        _end_badly(turn, action, error)
        return
    failure = error if passed_over else flow.original_error
    reason = "" if failure is None else "an error was handled"
    if passed_over:
        reason = "it went on after an error that nothing caught"
    deviations = () if failure is None else (f"{reason}: {failure.message}",)
    partial = passed_over and action.execution.follows(Logic.PASSED_OVER_IS_PARTIAL)
    complete(turn, action, collected(action), reason, deviations=deviations, partial=partial)


def _catch_of(data: Mapping[str, Any], error: ErrorInfo) -> int | None:
    """Return which catch of a try is for an error."""
    for index, catch in enumerate(data.get("catch") or ()):
        kinds = catch.get("errors") or ()
        if not kinds or error.type.value in kinds or error.code in kinds:
            return index
    return None
