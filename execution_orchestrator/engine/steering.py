"""Operator commands for running executions: pause, resume, confirm, step, stop."""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import external_leases, guards, quarantine
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.attempts import hold, release_hold
from execution_orchestrator.engine.cancellation import (
    ask_to_cancel,
    chosen_executions,
    request_cancel,
)
from execution_orchestrator.engine.control_flow import check_condition
from execution_orchestrator.engine.effects import EndSafeStop, SafeStop
from execution_orchestrator.engine.intake import begin
from execution_orchestrator.engine.recovery import breaker, motions
from execution_orchestrator.engine.state import ExecutionState, tidies_up
from execution_orchestrator.engine.status import CancelCause, CancelIntent, WaitingKind
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.signals import MAX_SIGNAL_BYTES, MAX_UNREAD, signal_problem
from execution_orchestrator.plan.validation.breakpoints import breakpoint_issues


def on_pause(turn: Turn, incoming: s.Pause) -> None:
    """Start nothing new.

    What is being stopped cannot be paused, except a compensation or a finally that runs.
    Goals marked `pausable: cancel` are cancelled and come again, those marked `hold` stand still,
    the others run to their end.
    """
    done = []
    for execution in chosen_executions(turn, incoming.execution_id):
        stopping = bool(execution.cancel_cause) or execution.compensating
        if execution.paused or execution.at_once or (stopping and not tidies_up(execution)):
            continue
        reason = incoming.reason or "a client paused it"
        turn.emit(e.ExecutionPaused(**turn.execution(execution), reason=reason))
        done.append(execution.execution_id)
        cancel_in_pause(turn, execution, f"paused: {reason}")
        for action in list(turn.state.goals.values()):
            mine = action.execution is execution and action.intent is None
            if mine and action.node.pausable == "hold":
                hold(turn, action)
    turn.ids = tuple(done)
    if not done and not turn.refusal:
        which = "the execution" if incoming.execution_id else "all that runs"
        turn.refuse(f"{which} is paused already, or is being stopped")


def cancel_in_pause(turn: Turn, execution: ExecutionState, reason: str) -> None:
    """Cancel the goals and motions of a paused execution that come again and are not stopped."""
    for action in list(turn.state.goals.values()):
        mine = action.execution is execution and action.intent is None
        if mine and action.node.pausable == "cancel":
            ask_to_cancel(turn, action, CancelIntent.PAUSE, reason)
    for action in list(turn.state.motions.values()):
        # What moves for an action that may run on in a pause may move on, too.
        mine = action.execution is execution and action.stopping is None
        if mine and action.node.pausable != "none":
            motions.stop(turn, action, CancelIntent.PAUSE, reason)


def on_resume(turn: Turn, incoming: s.Resume) -> None:
    """Resume paused executions."""
    done = []
    for execution in chosen_executions(turn, incoming.execution_id):
        if execution.paused:
            turn.emit(e.ExecutionResumed(**turn.execution(execution)))
            done.append(execution.execution_id)
            for action in list(turn.state.goals.values()):
                if action.execution is execution and action.held:
                    release_hold(turn, action)
    turn.ids = tuple(done)
    if not done and not turn.refusal:
        turn.refuse("the execution is not paused" if incoming.execution_id else "nothing is paused")


def on_confirm(turn: Turn, incoming: s.Confirm) -> None:
    """Take a person's answer; one that names no action answers the oldest question."""
    if not incoming.execution_id:
        turn.refuse("the answer has to name an execution")
        return
    for execution in chosen_executions(turn, incoming.execution_id):
        key = incoming.key
        if not key and not execution.waiting_for_confirmation:
            asked = (
                a.key
                for a in execution.actions.values()
                if a.waiting_kind is WaitingKind.CONFIRMATION
            )
            key = next(asked, "")
        answer(turn, execution, key, incoming.comment, approve=incoming.approve)


def answer(
    turn: Turn,
    execution: ExecutionState,
    key: str,
    comment: str = "",
    *,
    approve: bool,
    timed_out: bool = False,
) -> None:
    """Approve or refuse the plan or action that waits for a person; nobody did, if timed out."""
    if key:
        action = execution.actions.get(key)
        if action is None or action.waiting_kind is not WaitingKind.CONFIRMATION:
            turn.refuse(f"{key} does not wait for a confirmation")
            return
    elif not execution.waiting_for_confirmation:
        turn.refuse("nothing there waits for a confirmation")
        return
    turn.ids = (key,)
    turn.emit(
        e.ConfirmationGiven(
            **turn.execution(execution),
            key=key,
            approved=approve,
            comment=comment,
            timed_out=timed_out,
        )
    )
    if key:
        return
    if approve:
        begin(turn, execution)
    else:
        words = f"the plan was refused: {comment}" if comment else "the plan was refused"
        if timed_out:
            words = "nobody confirmed the plan in time"
        request_cancel(turn, execution, CancelCause.REFUSED, words)


def on_set_breakpoints(turn: Turn, incoming: s.SetBreakpoints) -> None:
    """Replace the breakpoints of an execution; of all of them: where these actions are."""
    chosen = chosen_executions(turn, incoming.execution_id)
    plans = [one.program.data for one in chosen if one.program.count]
    unknown = [list(breakpoint_issues(plan, incoming.keys)) for plan in plans]
    if plans and all(unknown):
        turn.refuse("; ".join(f"{one.message}. {one.hint}" for one in unknown[0]))
        return
    for execution in chosen:
        turn.emit(e.BreakpointsSet(**turn.execution(execution), keys=incoming.keys))
    turn.ids = tuple(execution.execution_id for execution in chosen)


def on_step(turn: Turn, incoming: s.Step) -> None:
    """Let an action at a breakpoint go."""
    done = []
    for execution in chosen_executions(turn, incoming.execution_id):
        waiting = execution.waiting_at_breakpoint
        key = incoming.key or next(iter(waiting), "")
        if key not in waiting:
            continue
        done.append(execution.execution_id)
        turn.emit(
            e.BreakpointPassed(
                **turn.execution(execution), key=key, stepping=not incoming.run_to_next_breakpoint
            )
        )
    turn.ids = tuple(done)
    if not done and not turn.refusal:
        what = f"{incoming.key} does not wait" if incoming.key else "no action waits"
        turn.refuse(f"{what} at a breakpoint")


def on_emergency_stop(turn: Turn, incoming: s.EmergencyStop) -> None:
    """Stop everything at once."""
    reason = incoming.reason or "the emergency stop was requested"
    if not turn.state.emergency:
        turn.emit(e.EmergencyStopped(time=turn.now, reason=reason))
    turn.request(SafeStop(reason=reason))
    for goal in list(turn.state.quarantined.values()):
        quarantine.stop_again(turn, goal)
    for request_id in list(turn.state.lease_requests):
        # Stopped actions free resources, which must not go to waiting requests during the stop.
        external_leases.request_expired(turn, request_id, external_leases.EMERGENCY)
    stopped = []
    for execution in list(turn.state.executions.values()):
        if request_cancel(turn, execution, CancelCause.EMERGENCY, f"emergency stop: {reason}"):
            stopped.append(execution.execution_id)
    turn.ids = tuple(stopped)


def on_reset_emergency_stop(turn: Turn, _: s.ResetEmergencyStop) -> None:
    """Accept goals again, unless the robot moves or a goal is not confirmed as ended."""
    state = turn.state
    if not state.emergency:
        turn.refuse("the emergency stop is not active")
    elif state.emergency_motion in ("stopping", "moving"):
        turn.refuse(f"{state.emergency_words}; the reset waits until it stands")
    elif left := quarantine.not_ended(state):
        turn.refuse(
            f"{quarantine.MAY_MOVE}, not confirmed as ended: {left}; wait for it, or look at the "
            "robot and release the quarantine"
        )
    else:
        turn.emit(e.EmergencyStopReset(time=turn.now))
        turn.request(EndSafeStop())


def on_world_changed(turn: Turn, _: s.WorldChanged) -> None:
    """Evaluate again the conditions that actions wait for."""
    for execution in list(turn.state.running.values()):
        look_again(turn, execution)


def look_again(turn: Turn, execution: ExecutionState) -> None:
    """Evaluate again the conditions that the actions of one execution wait for."""
    if not execution.paused:
        for action in list(execution.waiting_for_condition.values()):
            check_condition(turn, action, polled=False)


def on_signal(turn: Turn, incoming: s.SignalSent) -> None:
    """Take a value in for an execution, or refuse it with the reason."""
    if not incoming.execution_id:
        turn.refuse("a signal has to name an execution")
        return
    for execution in chosen_executions(turn, incoming.execution_id):
        turn.ids = (execution.execution_id,)
        name = incoming.name
        if execution.goal is not None:
            turn.refuse("its plan is still being made; send the signal again once it waits or runs")
            return
        problem = signal_problem(execution.program.signals, name, incoming.value)
        size = len(msgspec.json.encode(incoming.value))
        if problem:
            turn.refuse(problem)
        elif size > MAX_SIGNAL_BYTES:
            turn.refuse(f"the value has {size} bytes, at most {MAX_SIGNAL_BYTES} are allowed")
        elif len(execution.unread.get(name, ())) >= MAX_UNREAD:
            turn.refuse(f"{MAX_UNREAD} values of {name} are waiting to be taken already")
        else:
            turn.emit(
                e.SignalReceived(**turn.execution(execution), name=name, value=incoming.value)
            )
            guards.look_at(turn, execution.execution_id)


def on_server_up(turn: Turn, incoming: s.ServerUp) -> None:
    """Note that a server appeared: one trial may go to it at once."""
    known = turn.state.servers.get(incoming.server)
    if known is None or known.available is not True:
        turn.emit(e.ServerAvailability(time=turn.now, server=incoming.server, available=True))
    breaker.half_open(turn, incoming.server)


def on_server_down(turn: Turn, incoming: s.ServerDown) -> None:
    """Note that a server went away; its goals are reported one by one."""
    known = turn.state.servers.get(incoming.server)
    if known is None or known.available is not False:
        turn.emit(
            e.ServerAvailability(
                time=turn.now,
                server=incoming.server,
                available=False,
                reason=incoming.reason,
            )
        )
