"""Servers that are available but cannot be used: another client's goal, a missing node.

That is no failure of the action. Its attempt does not count, nothing recovers, and it waits, for
its ``patience`` at most, until the server can be used again. ``when_taken`` of the action says
what happens when another client uses the server: wait, ask a person, fail, or preempt it.
"""

from __future__ import annotations

from msgspec import structs

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import timer_of
from execution_orchestrator.engine.attempts import fail_attempt, requeue
from execution_orchestrator.engine.effects import NotifyConfirmationNeeded
from execution_orchestrator.engine.inputs import GoalNoticed, ServerHindered
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.ready_queue import Queue
from execution_orchestrator.engine.resources import (
    JUST_FOUND,
    LATE_TRANSFORM,
    SERVED_TWICE,
    TAKEN_OVER,
    may_do,
)
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.status import AttemptOutcome, TimerKind
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.engine.waiting_reasons import waits_for
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

CODES = {
    TAKEN_OVER: ErrorType.RESOURCE_UNAVAILABLE,
    SERVED_TWICE: ErrorType.RESOURCE_UNAVAILABLE,
    JUST_FOUND: ErrorType.CONNECTIVITY,
    LATE_TRANSFORM: ErrorType.TRANSFORMATION,
    "SERVER_INACTIVE": ErrorType.CONNECTIVITY,
    "DEPENDENCY_GONE": ErrorType.CONNECTIVITY,
}


def on_server_hindered(turn: Turn, incoming: ServerHindered) -> None:
    """Note what keeps a server from being used, or that nothing does any more."""
    # Not in the journal: it is observed again after a restart. Its effect on actions is journalled.
    if incoming.code:
        turn.state.hindrances[incoming.server] = (incoming.code, incoming.reason)
    else:
        turn.state.hindrances.pop(incoming.server, None)
    turn.state.queues.server_freed(incoming.server)
    if not incoming.code:
        _answer_for_them(turn, incoming.server)


def _answer_for_them(turn: Turn, server: str) -> None:
    """Answer the open questions about taking a server that is free now."""
    for execution in list(turn.state.running.values()):
        for action in list(execution.actions.values()):
            if action.asks_to_take and server in _servers(action):
                turn.emit(
                    e.ConfirmationGiven(
                        **turn.action(action),
                        approved=True,
                        comment="no other client uses it any more",
                    )
                )


def on_goal_noticed(turn: Turn, incoming: GoalNoticed) -> None:
    """Note what was noticed about a running goal."""
    action = turn.state.goals.get(incoming.goal_id)
    if action is not None and not action.intent:
        turn.emit(e.TaskNoticed(**turn.attempt(action), notice=incoming.notice))


def hold_back(turn: Turn, queue: Queue) -> None:
    """Give actions that wait for a hindered server their reason, and the end of their patience."""
    for entry in list(queue.entries):
        action = entry[4]
        if not isinstance(action, ActionState):
            continue
        code, reason = _hindrance(turn.state, action)
        execution_id = action.execution.execution_id
        timer = timer_of(
            turn.state, TimerKind.HELD_BACK, execution_id=execution_id, subject=action.key
        )
        if timer is not None and timer.at <= turn.now:
            timer = None  # it fired while the server could be used: that wait is over
        elif action.held_back == reason:
            continue
        if not code:
            continue
        if code == TAKEN_OVER and action.node.when_taken == "fail":
            give_up(turn, action, code, reason)
        elif code == TAKEN_OVER and action.node.when_taken == "ask":
            _ask(turn, action, reason)
        else:
            turn.emit(
                e.TaskHeldBack(
                    **turn.action(action),
                    code=code,
                    reason=reason,
                    until=timer.at if timer is not None else turn.now + action.node.patience,
                )
            )


def say_what_else(turn: Turn, action: ActionState) -> None:
    """Say for which resources an action waits now that its server can be used."""
    waits = waits_for(turn.state, turn.config, action) if action.held_back else ""
    if waits and waits != action.held_back:
        turn.emit(e.TaskHeldBack(**turn.action(action), code="", reason=waits))


def _servers(action: ActionState) -> tuple[str, ...]:
    node = action.node
    return tuple(node.servers.values()) if node.servers else (node.server,)


def _able_servers(state: OrchestratorState, action: ActionState) -> tuple[str, ...]:
    if not action.node.servers:
        return _servers(action)
    return tuple(action.node.servers.get(robot, "") for robot in may_do(state, action))


def _hindrance(state: OrchestratorState, action: ActionState) -> tuple[str, str]:
    """Return code and reason of the first of its servers that cannot be used."""
    names = _able_servers(state, action)
    known = (state.hindrances.get(name) for name in names)
    return next((found for found in known if found is not None), ("", ""))


def soon_known(state: OrchestratorState, action: ActionState) -> bool:
    """Whether a robot that could do an action has a server that was found a moment ago.

    The nearest robot is chosen among all of them: servers of several robots are found one after the
    other, and the first one found is not yet the best.
    """
    if len(action.node.robots) < 2:
        return False
    found = (state.hindrances.get(name) for name in _able_servers(state, action))
    return any(hindrance is not None and hindrance[0] == JUST_FOUND for hindrance in found)


def _ask(turn: Turn, action: ActionState, reason: str) -> None:
    execution_id = action.execution.execution_id
    question = f"{reason}; may {action.key} take it over?"
    turn.emit(
        e.ConfirmationRequested(
            **turn.action(action),
            question=question,
            until=turn.now + action.node.patience,
            take=True,
        )
    )
    turn.request(
        NotifyConfirmationNeeded(execution_id=execution_id, key=action.key, question=question)
    )


def ended_by_hindrance(turn: Turn, action: ActionState, error: ErrorInfo) -> None:
    """End an attempt that could not succeed: the action comes again when its server is free."""
    most = turn.config.max_takes if action.takes else turn.config.max_hindrances
    refuses = error.code == TAKEN_OVER and action.node.when_taken == "fail"
    if refuses or action.hindrances >= most:
        fail_attempt(turn, action, AttemptOutcome.ABORTED, final(error.code, error.message, error))
        return
    requeue(turn, action, error.message, hindered=True)


def named(state: OrchestratorState, action: ActionState, error: ErrorInfo) -> ErrorInfo:
    """Return the error of a lost goal, with the reason of its server's hindrance in front."""
    code, reason = state.hindrances.get(action.server, ("", ""))
    if not _loses_goals(code):
        return error
    return structs.replace(error, message=f"{reason}; {error.message}")


def _loses_goals(code: str) -> bool:
    """Whether a hindrance may be why a goal was lost; that a server was just found is not."""
    return code != JUST_FOUND and CODES.get(code) is ErrorType.CONNECTIVITY


def lost_to(state: OrchestratorState, action: ActionState, error: ErrorInfo) -> ErrorInfo | None:
    """Return the error of a goal that was lost with its server, None if that can be used.

    The outcome of the goal is unknown, so this is only for goals that may be sent again.
    """
    code, _ = state.hindrances.get(action.server, ("", ""))
    known = action.execution.follows(Logic.LOST_GOAL_WAITS) and error.recoverable
    if not known or not _loses_goals(code):
        return None
    return ErrorInfo(
        type=ErrorType.CONNECTIVITY,
        code=code,
        message=error.message,
        context={**error.context, "was": error.code},
    )


def patience_over(turn: Turn, action: ActionState) -> None:
    """Fail an action whose server could not be used for too long."""
    code, reason = _hindrance(turn.state, action)
    if action.held_back and code:
        give_up(turn, action, code, f"{reason}; waited {action.node.patience:g} s")


def give_up(turn: Turn, action: ActionState, code: str, reason: str) -> None:
    """Fail an action that waits; its own recovery plan or fallback is all that may follow."""
    fail_attempt(turn, action, AttemptOutcome.HELD_BACK, final(code, reason))


def final(code: str, reason: str, error: ErrorInfo | None = None) -> ErrorInfo:
    """Return the error of an action that does not wait any longer."""
    return ErrorInfo(
        type=CODES[code],
        code=code,
        message=reason,
        recoverable=False,
        context=dict(error.context) if error is not None else {},
    )
