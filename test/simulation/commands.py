"""What a command of a person must have done as soon as it was handled, and a restart begun again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.state import ActionState, ExecutionState, OrchestratorState
from execution_orchestrator.engine.status import AbortCause, ActionStatus, CancelIntent, WaitingKind
from execution_orchestrator.engine.turn import Step
from test.simulation.invariants import Violation

STOPPED = "an emergency stop stops all that runs or waits"
PAUSED = "a pause stops what it may, also of what undoes or tidies up"
FINALLY = "a first cancel lets a finally come to its end"
SECOND = "a second cancel stops what undoes, too"
AGAIN = "a restart begins again whatever has no answer"


@dataclass(frozen=True)
class Before:
    """What of an execution matters to a command, just before it is handled."""

    goes_on: bool
    undoes: bool
    paused: bool
    tidying: frozenset[str]  # goals in a finally that nobody has asked to cancel


def before(state: OrchestratorState, incoming: s.Input) -> Before | None:
    """Look at the execution that a command names."""
    if not isinstance(incoming, s.Pause | s.Resume | s.Cancel):
        return None
    execution = state.executions.get(incoming.execution_id)
    if execution is None or execution.is_final or execution.at_once:
        return None
    return Before(
        goes_on=not execution.cancel_cause and not execution.compensating,
        undoes=execution.compensating,
        paused=execution.paused,
        tidying=frozenset(
            goal_id
            for goal_id, action in _goals(state, execution)
            if not action.intent and any(one.block == "finally" for one in _around(action))
        ),
    )


def after(
    state: OrchestratorState,
    incoming: s.Input,
    was: Before | None,
    step: Step,
    checked: Counter[str],
) -> None:
    """Check what a command did."""
    if isinstance(incoming, s.EmergencyStop):
        checked[STOPPED] += 1
        _all_stopped(state)
        asked = {one.goal_id for one in step.effects if isinstance(one, fx.CancelGoal)}
        if left := state.quarantined.keys() - asked:
            raise Violation(f"{left} may still run, and nobody asks them to stop")
    execution = state.executions.get(getattr(incoming, "execution_id", ""))
    if was is None or execution is None:  # it may have ended, and be forgotten
        return
    if isinstance(incoming, s.Pause) and (was.goes_on or was.undoes):
        checked[PAUSED] += 1
        _pauses(state, execution)
    elif isinstance(incoming, s.Resume) and was.paused:
        if held := [one.key for _, one in _goals(state, execution) if one.held]:
            raise Violation(f"{held} stay on hold after {incoming}")
    elif isinstance(incoming, s.Cancel) and was.goes_on:
        checked[FINALLY] += len(was.tidying)
        for goal_id in was.tidying & state.goals.keys():
            action = state.goals[goal_id]
            # A guard inside of the finally may fail in the same moment.
            guarded = any(
                one.flow is not None and one.flow.abort is AbortCause.GUARD
                for one in _around(action)
            )
            if action.intent is CancelIntent.CANCEL and not guarded:
                raise Violation(f"{action.key} of a finally is cancelled at once")
        wanted = incoming.compensate or execution.options.compensate_on_cancel
        if execution.compensate != wanted:
            raise Violation(f"{execution.execution_id} was to be undone: {wanted}")
        if not execution.is_final and not execution.cancel_cause:
            raise Violation(f"{execution.execution_id} goes on after {incoming}")
    elif isinstance(incoming, s.Cancel) and was.undoes:
        checked[SECOND] += 1
        if not execution.is_final and not execution.at_once:
            raise Violation(f"{execution.execution_id} undoes on after {incoming}")


def _all_stopped(state: OrchestratorState) -> None:
    for execution in state.executions.values():
        if not execution.is_final and not execution.at_once:
            raise Violation(f"{execution.execution_id} goes on in an emergency")
    for action in state.goals.values():
        if action.intent is not CancelIntent.CANCEL:
            raise Violation(f"{action.key} is not cancelled in an emergency")
    for action in state.motions.values():
        if action.stopping is not CancelIntent.CANCEL:
            raise Violation(f"the recovery of {action.key} moves on in an emergency")


def _pauses(state: OrchestratorState, execution: ExecutionState) -> None:
    if not execution.paused:
        raise Violation(f"{execution.execution_id} was to pause and does not")
    for _, action in _goals(state, execution):
        pausable = action.node.pausable
        if pausable == "none" or action.intent or (pausable == "hold" and action.held):
            continue
        raise Violation(f"{action.key} runs on in a pause, it is pausable by {pausable}")
    for action in state.motions.values():
        mine = action.execution is execution and action.node.pausable != "none"
        if mine and action.stopping is None:
            raise Violation(f"the recovery of {action.key} moves on in a pause")


def begun_again(state: OrchestratorState, step: Step, checked: Counter[str]) -> None:
    """Check that a restart asks again for every answer that is missing."""
    checked[AGAIN] += 1
    effects = step.effects
    sent = {one.goal_id: one for one in effects if isinstance(one, fx.Dispatch)}
    cancelled = {one.goal_id for one in effects if isinstance(one, fx.CancelGoal)}
    cancelled |= {n for n, one in sent.items() if isinstance(one, fx.Reattach) and one.cancel}
    abandoned = {one.run_id for one in effects if isinstance(one, fx.AbandonStrategy)}
    runs = {one.run_id for one in effects if isinstance(one, fx.RunStrategy)}
    asked = {one.run_id for one in effects if isinstance(one, fx.Prepare | fx.Replan)}
    persons = {
        (one.execution_id, one.key)
        for one in effects
        if isinstance(one, fx.NotifyConfirmationNeeded)
    }
    held = {one.goal_id for one in effects if isinstance(one, fx.HoldGoal) and one.hold}
    timers = {one.timer_id: one.at for one in effects if isinstance(one, fx.SetTimer)}
    canceling = {n for n, a in state.goals.items() if a.status is ActionStatus.CANCELING}
    being_stopped = {n: a.motion for n, a in state.runs.items() if a.motion and a.stopping}
    stopping = {one.goal_id for run, one in being_stopped.items() if run not in abandoned}
    moving_on = state.runs.keys() - being_stopped.keys()
    waiting = {one for each in state.executions.values() for one in _questions(each)}
    # A crash may have cut the end of an attempt off: it is decided again when its goal is found.
    given_up = state.quarantined.keys() - state.goals.keys()
    missing = {
        "goals": state.goals.keys() - sent.keys(),
        "cancels": (canceling | stopping | given_up) - cancelled,
        "strategies": moving_on - runs,
        "plans": {run for each in state.executions.values() for run in _plans(each)} - asked,
        "questions": waiting - persons,
        "timers": {name for name, one in state.timers.items() if timers.get(name) != one.at},
        "holds": {n for n, a in state.goals.items() if a.held} - held,
        "expired requests": set(state.lease_requests),
        "stop": {"safe"} if state.emergency and not _stops(effects) else set(),
    }
    if any(missing.values()):
        raise Violation(f"forgotten in a restart: { {k: v for k, v in missing.items() if v} }")


def _stops(effects: list[fx.Effect]) -> bool:
    return any(isinstance(one, fx.SafeStop) for one in effects)


def _plans(execution: ExecutionState) -> Iterator[str]:
    if not execution.is_final:
        yield from filter(None, (execution.planning_run, execution.replan_run))


def _questions(execution: ExecutionState) -> Iterator[tuple[str, str]]:
    if execution.is_final:
        return
    if execution.waiting_for_confirmation:
        yield execution.execution_id, ""
    for action in execution.actions.values():
        if action.waiting_kind is WaitingKind.CONFIRMATION:
            yield execution.execution_id, action.key


def _goals(
    state: OrchestratorState, execution: ExecutionState
) -> Iterator[tuple[str, ActionState]]:
    for goal_id, action in state.goals.items():
        if action.execution is execution:
            yield goal_id, action


def _around(action: ActionState | None) -> Iterator[ActionState]:
    while action is not None:
        yield action
        action = action.parent
