"""Events of executions as a whole."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import line
from execution_orchestrator.engine.apply.blocks import leave
from execution_orchestrator.engine.apply.moves import (
    arm,
    dequeue,
    disarm,
    enqueue,
    let_start,
    refresh_status,
    release_held,
    restart_timers,
    set_status,
    stop_timers,
    want,
    want_first,
)
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import compile_program
from execution_orchestrator.engine.state import (
    Achieved,
    ActionState,
    ExecutionState,
    Flow,
    Frame,
    Generation,
    OrchestratorState,
    blocks_around,
)
from execution_orchestrator.engine.status import (
    AbortCause,
    ActionStatus,
    CancelCause,
    ExecutionStatus,
    TimerKind,
)
from execution_orchestrator.engine.weight import weight_of
from execution_orchestrator.plan.tree import EARLIER


def plant(execution: ExecutionState) -> None:
    """Give an execution a fresh root, as at its start."""
    execution.actions = {}
    frame = Frame("", Generation(execution.actions, execution.achieved))
    frame.input = execution.input
    root = ActionState(execution, execution.program.root, frame, None, "")
    root.flow = Flow()
    root.flow.frame = frame
    execution.root = root
    execution.actions[""] = root
    execution.completed = 0
    execution.failed = 0
    execution.tolerated = 0
    execution.held = []
    execution.waiting_for_condition = {}
    execution.waiting_at_breakpoint = {}
    execution.cancel_cause = None
    execution.cancel_reason = ""
    execution.cancel_checkpoint = ""
    execution.compensate = False
    execution.compensating = False
    execution.not_undone = {}
    execution.at_once = False
    execution.error = None


def _requested(state: OrchestratorState, event: e.ExecutionRequested) -> None:
    execution = ExecutionState(event.execution_id, compile_program(_NO_PLAN))
    before = state.finished.pop(event.execution_id, None)
    if before is not None:
        # It begins again; the ids of its goals, plannings and checkpoints must not be reused.
        execution.attempts = before.attempts
        execution.plannings = before.plannings
        execution.sequence = before.sequence
    state.forgotten.pop(event.execution_id, None)
    execution.goal = event.goal
    execution.limit = event.limit
    execution.schedule_id = event.schedule_id
    execution.command = event.goal.command
    state.planning[event.execution_id] = execution
    _take_in(state, execution, event)


def _accepted(state: OrchestratorState, event: e.ExecutionAccepted) -> None:
    execution = state.planning.pop(event.execution_id, None)
    if execution is None:
        execution = ExecutionState(event.execution_id, compile_program(event.plan))
        _take_in(state, execution, event)
    else:
        execution.program = compile_program(event.plan)
        execution.known = execution.program.count
        execution.goal = None
    execution.input = event.input
    execution.command = event.command
    execution.options = event.options
    execution.logic = frozenset(event.logic)
    execution.retry_of = event.retry_of
    execution.confirmed = not event.options.confirm_plan
    plant(execution)
    refresh_status(execution)
    execution.starts, execution.limit = event.start, event.limit
    state.pending[event.execution_id] = execution
    _set_deadline(state, execution, event)
    _set_end(state, execution, event)
    if event.start is not None:
        arm(state, TimerKind.START, event.start, execution_id=event.execution_id)
    line.join(state, execution)


def _due(state: OrchestratorState, event: e.ExecutionDue) -> None:
    execution = state.executions[event.execution_id]
    execution.starts = None
    disarm(state, TimerKind.START, execution_id=event.execution_id)
    _set_deadline(state, execution, event)
    line.join(state, execution)


_NO_PLAN = {"version": 1, "actions": []}


def _take_in(
    state: OrchestratorState,
    execution: ExecutionState,
    event: e.ExecutionRequested | e.ExecutionAccepted,
) -> None:
    execution.priority = event.priority
    execution.options = event.options
    execution.accepted = event.time
    execution.breakpoints = frozenset(event.options.breakpoints)
    state.order += 1
    execution.order = state.order
    plant(execution)
    state.executions[event.execution_id] = execution
    if event.options.start_paused:
        execution.paused = True
        execution.paused_at = event.time
    _set_deadline(state, execution, event)
    _set_end(state, execution, event)
    refresh_status(execution)


def _set_deadline(
    state: OrchestratorState,
    execution: ExecutionState,
    event: e.ExecutionRequested | e.ExecutionAccepted | e.ExecutionDue,
) -> None:
    execution.deadline = event.deadline
    execution.stopped_timers = [
        (timer, left)
        for timer, left in execution.stopped_timers
        if timer.kind is not TimerKind.DEADLINE
    ]
    arm(state, TimerKind.DEADLINE, event.deadline, execution_id=event.execution_id)
    if event.deadline is not None and execution.paused:
        stop_timers(state, execution, event.time)


def _set_end(
    state: OrchestratorState,
    execution: ExecutionState,
    event: e.ExecutionRequested | e.ExecutionAccepted,
) -> None:
    execution.until = event.until
    arm(state, TimerKind.UNTIL, event.until, execution_id=event.execution_id)


def _planning_started(state: OrchestratorState, event: e.PlanningStarted) -> None:
    execution = state.executions[event.execution_id]
    execution.planning_run = event.run_id
    execution.plannings += 1
    arm(state, TimerKind.PLANNING, event.until, execution_id=event.execution_id)


def _planning_finished(state: OrchestratorState, event: e.PlanningFinished) -> None:
    _stop_planning(state, state.executions[event.execution_id])


def _stop_planning(state: OrchestratorState, execution: ExecutionState) -> None:
    execution.planning_run = ""
    disarm(state, TimerKind.PLANNING, execution_id=execution.execution_id)


def _admitted(state: OrchestratorState, event: e.ExecutionAdmitted) -> None:
    execution = state.executions[event.execution_id]
    state.pending.pop(event.execution_id, None)
    state.running[event.execution_id] = execution
    line.left(state, execution)
    execution.waiting_for_confirmation = not execution.confirmed
    if execution.waiting_for_confirmation and event.confirm_until is not None:
        arm(state, TimerKind.CONFIRM, event.confirm_until, execution_id=event.execution_id)
    refresh_status(execution)


def _started(state: OrchestratorState, event: e.ExecutionStarted) -> None:
    execution = state.executions[event.execution_id]
    execution.started = execution.started or event.time
    refresh_status(execution)
    root = execution.root
    if root is not None:
        root.started = event.time
        want(state, root)


def _paused(state: OrchestratorState, event: e.ExecutionPaused) -> None:
    execution = state.executions[event.execution_id]
    execution.paused = True
    execution.paused_at = event.time
    line.leave(state, execution)
    refresh_status(execution)
    stop_timers(state, execution, event.time)
    for action in execution.actions.values():
        if action.entry is not None:
            dequeue(state, action)
            let_start(state, action)


def _resumed(state: OrchestratorState, event: e.ExecutionResumed) -> None:
    _unpause(state, state.executions[event.execution_id], event.time)


def _unpause(state: OrchestratorState, execution: ExecutionState, time: float) -> None:
    execution.paused = False
    line.join(state, execution)
    refresh_status(execution)
    release_held(state, execution)
    restart_timers(state, execution, time)
    pause = time - execution.paused_at
    for action in execution.actions.values():
        if action.status is ActionStatus.READY and action.entry is None:
            enqueue(state, action)
        elif action.goal_id and action.held and action.timeout is not None and not action.intent:
            # Its timeout was suspended for the pause.
            action.timeout += max(0.0, pause)
            arm(
                state,
                TimerKind.TIMEOUT,
                action.dispatched + action.timeout,
                execution_id=execution.execution_id,
                subject=action.key,
                action=action,
            )


def _cancel_requested(state: OrchestratorState, event: e.ExecutionCancelRequested) -> None:
    execution = state.executions[event.execution_id]
    execution.cancel_cause = event.cause
    execution.cancel_reason = event.reason
    execution.cancel_checkpoint = event.checkpoint_id
    execution.replan_key = event.failed_key
    execution.compensate = event.compensate
    execution.at_once = event.at_once or event.cause is CancelCause.EMERGENCY
    if event.error is not None:
        execution.error = event.error
    if execution.paused:
        _unpause(state, execution, event.time)
    execution.stepping = False
    execution.breakpoints = frozenset()
    if execution.waiting_for_confirmation:
        # An execution that is being stopped needs no confirmation.
        execution.waiting_for_confirmation = False
        disarm(state, TimerKind.CONFIRM, execution_id=event.execution_id)
    if execution.replan_run:
        execution.replan_run = ""
        disarm(state, TimerKind.REPLAN, execution_id=event.execution_id)
        refresh_status(execution)
    _stop_planning(state, execution)
    root = execution.root
    if root is not None and root.flow is not None:
        root.flow.abort = AbortCause.CANCEL
        root.flow.abort_reason = event.reason or event.cause
        root.flow.sent = False
        if event.cause in _FROM_OUTSIDE:
            # What a pause has held back, a recovery say, must not begin before it is stopped.
            want_first(state, root)
        else:
            want(state, root)


_FROM_OUTSIDE = (CancelCause.CANCEL, CancelCause.EMERGENCY, CancelCause.DEADLINE)


def _compensation_started(state: OrchestratorState, event: e.CompensationStarted) -> None:
    execution = state.executions[event.execution_id]
    execution.compensating = True
    refresh_status(execution)
    root = execution.root
    if root is not None and root.flow is not None:
        # The root starts a new generation, in which it runs the compensations.
        error, key = root.flow.error, root.flow.failed_key
        execution.undo_cause = key
        root.flow = Flow()
        root.flow.original_error = error
        root.flow.failed_key = key
        root.flow.block = "compensation"
        want(state, root)


def _finished(state: OrchestratorState, event: e.ExecutionFinished) -> None:
    execution = state.executions[event.execution_id]
    for action in execution.actions.values():
        leave(state, action)
    root = execution.root
    if root is not None:
        root.status = _ROOT_STATUS[ExecutionStatus(event.status)]
        root.ended = event.time
    execution.recovering = 0
    execution.compensating = False
    execution.not_undone = {}
    execution.paused = False
    set_status(execution, ExecutionStatus(event.status))
    execution.ended = event.time
    execution.error = event.error
    execution.output = event.output
    execution.weight = weight_of(execution.actions.values())
    execution.held = []
    execution.stopped_timers = []
    execution.replan_run = ""
    execution.goal = None
    _stop_planning(state, execution)
    state.planning.pop(event.execution_id, None)
    state.pending.pop(event.execution_id, None)
    state.running.pop(event.execution_id, None)
    state.finished[event.execution_id] = execution
    line.left(state, execution)
    for kind in _OF_EXECUTION:
        disarm(state, kind, execution_id=event.execution_id)


_OF_EXECUTION = (
    TimerKind.DEADLINE,
    TimerKind.CONFIRM,
    TimerKind.REPLAN,
    TimerKind.START,
    TimerKind.UNTIL,
)
_ROOT_STATUS = {
    ExecutionStatus.COMPLETED: ActionStatus.SUCCEEDED,
    ExecutionStatus.PARTIALLY_COMPLETED: ActionStatus.SUCCEEDED,
    ExecutionStatus.FAILED: ActionStatus.FAILED,
    ExecutionStatus.CANCELLED: ActionStatus.CANCELLED,
}


def _forgotten(state: OrchestratorState, event: e.ExecutionForgotten) -> None:
    execution = state.executions.pop(event.execution_id)
    state.finished.pop(event.execution_id, None)
    state.forgotten[event.execution_id] = execution.status.value


def _pruned(state: OrchestratorState, event: e.HistoryPruned) -> None:
    for name in event.execution_ids:
        state.forgotten.pop(name, None)


def _breakpoints_set(state: OrchestratorState, event: e.BreakpointsSet) -> None:
    state.executions[event.execution_id].breakpoints = frozenset(event.keys)


def _checkpoint(state: OrchestratorState, event: e.CheckpointCreated) -> None:
    execution = state.executions[event.execution_id]
    execution.checkpoints[event.checkpoint_id] = len(execution.done)
    while len(execution.checkpoints) > KEPT_CHECKPOINTS:
        del execution.checkpoints[next(iter(execution.checkpoints))]
    execution.sequence += 1
    execution.completed_since_checkpoint = 0


KEPT_CHECKPOINTS = 10


def _restored(state: OrchestratorState, event: e.CheckpointRestored) -> None:
    execution = state.executions[event.execution_id]
    kept = execution.checkpoints[event.checkpoint_id]
    achieved = {
        done[0]: done for done in execution.done[:kept] if not _was_undone(execution, done[0])
    }
    execution.restores += 1
    if execution.follows(Logic.LAST_TRY_COUNTS):
        # The others are done again, or not at all.
        execution.deviations = {k: v for k, v in execution.deviations.items() if k in achieved}
        execution.partial &= achieved.keys()
    begins_again = execution.is_final and execution.follows(Logic.TAKEN_BACK_HAS_DEADLINE)
    _restart(state, execution, achieved, event.time)
    if begins_again:
        execution.deadline = event.deadline
    if event.deadline is not None:
        arm(state, TimerKind.DEADLINE, event.deadline, execution_id=event.execution_id)
    if event.until is not None:
        arm(state, TimerKind.UNTIL, event.until, execution_id=event.execution_id)


def _was_undone(execution: ExecutionState, key: str) -> bool:
    """Say whether an action, or one in or around it, was undone."""
    if key in execution.undone:
        return True
    if not execution.undone or not execution.follows(Logic.ONLY_WHAT_HOLDS_IS_KEPT):
        return False
    return any(execution.undone.get(one.key) for one in blocks_around(execution.actions[key]))


def _restart(
    state: OrchestratorState,
    execution: ExecutionState,
    achieved: dict[str, Achieved],
    time: float,
) -> None:
    for action in execution.actions.values():
        leave(state, action)
    execution.recovering = 0
    execution.achieved = achieved
    execution.undone = {}
    execution.done = []
    execution.checkpoints = {
        name: count for name, count in execution.checkpoints.items() if count <= len(achieved)
    }
    execution.known = execution.program.count
    execution.replan_run = ""
    plant(execution)
    execution.ended = 0.0
    execution.output = None
    execution.completed_since_checkpoint = 0
    execution.confirmed = True
    execution.waiting_for_confirmation = False
    if execution.started == 0.0:
        execution.started = time
    set_status(execution, ExecutionStatus.EXECUTING)
    state.finished.pop(execution.execution_id, None)
    state.pending.pop(execution.execution_id, None)
    state.running[execution.execution_id] = execution
    root = execution.root
    if root is not None:
        root.started = time
        want(state, root)


def _replan_requested(state: OrchestratorState, event: e.ReplanRequested) -> None:
    execution = state.executions[event.execution_id]
    if event.run_id == execution.replan_run:
        # Asked again after a restart: the planner gets its whole time again.
        arm(state, TimerKind.REPLAN, event.until, execution_id=event.execution_id)
        return
    execution.replan_run = event.run_id
    execution.replan_reason = event.reason
    execution.replans += 1
    if event.failure is not None:
        execution.replan_failures.append(event.failure)
    arm(state, TimerKind.REPLAN, event.until, execution_id=event.execution_id)
    refresh_status(execution)
    root = execution.root
    if root is not None and root.flow is not None:
        root.todo = False


def _replanned(state: OrchestratorState, event: e.ExecutionReplanned) -> None:
    execution = state.executions[event.execution_id]
    known = known_achieved(execution)
    disarm(state, TimerKind.REPLAN, execution_id=event.execution_id)
    execution.program = compile_program(event.plan)
    execution.checkpoints = {}
    if execution.replan_key in execution.actions:
        execution.replanned_after.append(execution.replan_key)
    _remember_to_undo(execution, frozenset(event.kept))
    _restart(state, execution, {key: known[key] for key in event.kept}, event.time)
    if event.confirm:
        _wait_for_confirmation(state, execution, event.confirm_until)


def _remember_to_undo(execution: ExecutionState, kept: frozenset[str]) -> None:
    """Keep what was done and is no part of the new plan; it may do something under the same key.

    What was done in an earlier round and only half in the last one is kept by the plan, and that
    half is still to be undone.
    """
    for action in execution.undo.values():
        action.replaced_by = action.replaced_by or execution.replans
    half_too = not execution.follows(Logic.HALF_DONE_IS_NOT_KEPT)
    execution.undo = {
        key
        if EARLIER in key or (key in kept and (half_too or action.status is ActionStatus.SUCCEEDED))
        else f"{key}{EARLIER}{execution.replans}": action
        for key, action in execution.undo.items()
    }


def known_achieved(execution: ExecutionState) -> dict[str, Achieved]:
    """Return what succeeded: in this plan, or in an earlier one and was kept."""
    return {**execution.achieved, **{done[0]: done for done in execution.done}}


def _wait_for_confirmation(
    state: OrchestratorState, execution: ExecutionState, until: float | None
) -> None:
    """Hold a new plan back until a person agrees."""
    execution.confirmed = False
    execution.waiting_for_confirmation = True
    if execution.root is not None:
        execution.root.todo = False
        execution.root.started = 0.0
    if until is not None:
        arm(state, TimerKind.CONFIRM, until, execution_id=execution.execution_id)
    refresh_status(execution)


def _replan_failed(state: OrchestratorState, event: e.ReplanFailed) -> None:
    execution = state.executions[event.execution_id]
    disarm(state, TimerKind.REPLAN, execution_id=event.execution_id)
    execution.replan_run = ""
    # The root decides again, and this time it ends.
    execution.cancel_cause = CancelCause.FAILURE
    execution.cancel_reason = event.reason
    refresh_status(execution)
    if execution.root is not None:
        want(state, execution.root)


def _signal(state: OrchestratorState, event: e.SignalReceived) -> None:
    execution = state.executions[event.execution_id]
    execution.signals = {**execution.signals, event.name: event.value}
    execution.unread[event.name] = [*execution.unread.get(event.name, ()), event.value]


def _plan_made(state: OrchestratorState, event: e.PlanMade) -> None:
    state.executions[event.execution_id].planner = event.report.planner


def _emergency(state: OrchestratorState, event: e.EmergencyStopped) -> None:
    state.emergency = True
    state.emergency_reason = event.reason


def _seen_at_stop(state: OrchestratorState, event: e.RobotSeenAtStop) -> None:
    state.emergency_motion = event.motion
    state.emergency_words = event.reason


def _emergency_reset(state: OrchestratorState, _: e.EmergencyStopReset) -> None:
    state.emergency = False
    state.emergency_reason = state.emergency_motion = state.emergency_words = ""


HANDLERS: dict[type[e.Event], Any] = {
    e.ExecutionRequested: _requested,
    e.PlanningStarted: _planning_started,
    e.PlanningFinished: _planning_finished,
    e.ExecutionAccepted: _accepted,
    e.ExecutionDue: _due,
    e.PlanMade: _plan_made,
    e.SignalReceived: _signal,
    e.ExecutionAdmitted: _admitted,
    e.ExecutionStarted: _started,
    e.ExecutionPaused: _paused,
    e.ExecutionResumed: _resumed,
    e.ExecutionCancelRequested: _cancel_requested,
    e.CompensationStarted: _compensation_started,
    e.ExecutionFinished: _finished,
    e.ExecutionForgotten: _forgotten,
    e.HistoryPruned: _pruned,
    e.BreakpointsSet: _breakpoints_set,
    e.CheckpointCreated: _checkpoint,
    e.CheckpointRestored: _restored,
    e.ReplanRequested: _replan_requested,
    e.ExecutionReplanned: _replanned,
    e.ReplanFailed: _replan_failed,
    e.EmergencyStopped: _emergency,
    e.RobotSeenAtStop: _seen_at_stop,
    e.EmergencyStopReset: _emergency_reset,
}
