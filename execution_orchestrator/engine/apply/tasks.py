"""Events of single actions."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.adaptive_timeouts import note_duration, note_timeout
from execution_orchestrator.engine.apply.blocks import end_action, open_block
from execution_orchestrator.engine.apply.moves import (
    arm,
    arm_action,
    decided,
    dequeue,
    disarm,
    disarm_action,
    enqueue,
    forget_goal,
    forget_run,
    let_start,
    move,
    shut_at_ready,
    stay,
    stop_waiting,
    timer_of,
    want,
)
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.state import (
    UNGUARDED_BLOCKS,
    ActionState,
    ExecutionState,
    Flow,
    Frame,
    OrchestratorState,
    ServerState,
    blocks_around,
)
from execution_orchestrator.engine.status import (
    AbortCause,
    ActionStatus,
    AttemptOutcome,
    CancelIntent,
    SkipCause,
    TimerKind,
    WaitingKind,
)
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.tree import EARLIER

_PENDING = ActionStatus.PENDING
PACE_SLACK = 0.1  # seconds


def _of(state: OrchestratorState, event: e.Event) -> ActionState:
    return state.executions[event.execution_id].actions[event.key]


def _block_entered(state: OrchestratorState, event: e.BlockEntered) -> None:
    parent = _of(state, event)
    decided(state, parent)
    node = parent.node
    if parent.status is _PENDING or parent.status is ActionStatus.RECOVERING:
        move(parent, ActionStatus.RUNNING)
    # Each attempt of a block has the whole time; what follows its failure is not part of it.
    timed = node.timeout is not None and node.kind != "capability"
    if timed and parent.flow is None and event.block not in UNGUARDED_BLOCKS:
        arm_action(state, parent, TimerKind.TIMEOUT, event.time + (node.timeout or 0.0))
    parent.started = parent.started or event.time
    flow = parent.flow
    if flow is None:
        flow = parent.flow = Flow()
    block = event.block
    if block == "compensation":
        owner = parent.execution.undo.pop(event.undoes)
        _note_undone(parent.execution, owner, event.undoes)
        parent.execution.undoing = event.undoes
        flow.abort, flow.error, flow.sent = None, None, False
        undo = owner.node.compensation_of_partial if event.partial else owner.node.compensation
        if undo is not None:
            frame = owner.frame
            if event.replaced_by:
                # An action of the newer plan may have the name of this one's compensation.
                frame = Frame(f"{event.undoes}{EARLIER}{event.replaced_by}/", frame)
            elif event.undoes != owner.key:
                frame = Frame(f"{event.undoes}/", frame)
            if event.partial:
                frame = Frame(frame.prefix, frame)
                frame.error = owner.error or _stopped(owner.reason)
                frame.feedback = _last_feedback(owner)
            open_block(state, parent, (undo,), frame, block)
        return
    if block in ("fallback", "recovery_plan"):
        forget_run(state, parent)
        flow.abort, flow.error, flow.sent = None, None, False
        frame = Frame(parent.frame.prefix, parent.frame)
        frame.error = parent.error
        open_block(state, parent, node.blocks[block], frame, block)
        return
    frame = parent.frame
    parent.begun = True
    iteration = -1
    nodes = node.blocks[block]
    if node.kind == "foreach":
        if event.items is not None:
            flow.items = event.items
            parent.execution.known += len(nodes) * max(0, len(event.items) - 1)
        if event.index < 0:  # nothing to go through
            open_block(state, parent, (), frame, block)
            return
        iteration = event.index
        flow.next_index = event.index + 1
        frame = Frame(f"{parent.key}[{iteration}]/", parent.frame)
        frame.item = flow.items[iteration] if flow.items else None
        frame.index = iteration
    elif node.kind == "subplan":
        frame = Frame(f"{parent.key}/", parent.frame)
        frame.input = event.input or {}
    elif block.startswith("catch["):
        _end_timeout(state, event)
        frame = Frame(parent.frame.prefix, parent.frame)
        flow.original_error = flow.error
        frame.error = flow.error
        flow.abort, flow.error, flow.sent = None, None, False
    elif block == "finally":
        if flow.abort:
            _end_timeout(state, event)  # it may have passed while what runs was being stopped
        # Whatever ended the block before is kept, and decides again after the finally.
        flow.original_error = flow.error or flow.original_error
        flow.outcome = flow.outcome or flow.abort or AbortCause.NONE
        flow.abort, flow.error, flow.sent = None, None, False
        frame = Frame(parent.frame.prefix, parent.frame)
        frame.error = flow.original_error
    open_block(state, parent, nodes, frame, block, iteration)


def _note_undone(execution: ExecutionState, owner: ActionState, key: str) -> None:
    execution.undone[key] = True
    if EARLIER in key or not execution.follows(Logic.ONLY_WHAT_HOLDS_IS_KEPT):
        return
    # What is kept of an earlier start has no parents in this one, or may have others.
    for action in filter(None, (owner, execution.actions.get(key))):
        for block in blocks_around(action):
            execution.undone.setdefault(block.key, False)


def _block_aborted(state: OrchestratorState, event: e.BlockAborted) -> None:
    action = _of(state, event)
    decided(state, action)
    flow = action.flow
    if flow is None:
        return
    stopped = event.cause is AbortCause.CANCEL and flow.abort is AbortCause.FAILURE
    if flow.abort in (None, AbortCause.GUARD) or stopped:
        # Who stops what fails already, or what a guard stops, wants it to end for good: nothing
        # recovers it, and nothing in it begins in an emergency.
        flow.abort = event.cause
    flow.abort_reason = event.reason
    flow.sent = True
    _end_timeout(state, event)
    if event.error is not None and flow.error is None:
        flow.error = event.error
    flow.window_queue.clear()
    if not flow.open:
        want(state, action)


def _end_timeout(state: OrchestratorState, event: e.BlockAborted | e.BlockEntered) -> None:
    """Forget the timeout of an aborted block if it has passed.

    It has done its part: what catches this, or tidies up, is not stopped by it again.
    """
    timeout = timer_of(state, TimerKind.TIMEOUT, execution_id=event.execution_id, subject=event.key)
    if timeout is not None and timeout.at <= event.time:
        disarm(state, TimerKind.TIMEOUT, execution_id=event.execution_id, subject=event.key)


def _ready(state: OrchestratorState, event: e.TaskReady) -> None:
    action = _of(state, event)
    decided(state, action)
    stop_waiting(action)
    disarm_action(state, action)
    if action.fixed and action.parameters != event.parameters:
        action.fixed = None
    action.parameters = event.parameters
    _make_ready(state, action, event.time)


def _make_ready(state: OrchestratorState, action: ActionState, time: float) -> None:
    move(action, ActionStatus.READY)
    action.ready = time
    action.shut_at_ready = shut_at_ready(state, action, time)
    action.held_back = ""
    if not action.execution.paused:
        enqueue(state, action)


def _waiting(state: OrchestratorState, event: e.TaskWaiting) -> None:
    action = _of(state, event)
    decided(state, action)
    if event.kind == "guard":
        dequeue(state, action)
        let_start(state, action)
        disarm_action(state, action)
        stop_waiting(action)
        action.suspended = action.status is ActionStatus.RECOVERING
        # The decision at its start is made.
        action.passed = action.condition_holds = True
    else:
        action.started = action.started or event.time
    move(action, ActionStatus.WAITING)
    action.waiting_kind = event.kind
    execution = action.execution
    if event.kind in ("condition", "signal"):
        execution.waiting_for_condition[action.key] = action
        action.poll = event.poll
        if event.poll is not None:
            arm_action(state, action, TimerKind.POLL, event.time + event.poll)
    if event.until is not None:
        arm_action(state, action, TimerKind.WAIT, event.until)
        if action.node.data.get("every") and action.parent is not None and action.parent.flow:
            action.parent.flow.paced = event.until


def _guard_failed(state: OrchestratorState, event: e.GuardFailed) -> None:
    action = _of(state, event)
    action.unguarded = event.policy
    action.guard_reason = event.reason


def _guard_passed(state: OrchestratorState, event: e.GuardPassed) -> None:
    owner = _of(state, event)
    owner.unguarded = owner.guard_reason = ""
    actions = state.executions[event.execution_id].actions
    for key in (*event.keys, *event.recovering):
        action = actions[key]
        stop_waiting(action)
        move(action, ActionStatus.RECOVERING if action.suspended else _PENDING)
        action.suspended = False
        want(state, action)


def _polled(state: OrchestratorState, event: e.ConditionPolled) -> None:
    arm_action(state, _of(state, event), TimerKind.POLL, event.next)


def _breakpoint_reached(state: OrchestratorState, event: e.BreakpointReached) -> None:
    action = _of(state, event)
    decided(state, action)
    move(action, ActionStatus.WAITING)
    action.waiting_kind = WaitingKind.BREAKPOINT
    action.execution.waiting_at_breakpoint[action.key] = action


def _breakpoint_passed(state: OrchestratorState, event: e.BreakpointPassed) -> None:
    action = _of(state, event)
    stop_waiting(action)
    action.passed = True
    action.execution.stepping = event.stepping
    move(action, _PENDING)
    want(state, action)


def _confirmation_requested(state: OrchestratorState, event: e.ConfirmationRequested) -> None:
    if not event.key:
        return
    action = _of(state, event)
    decided(state, action)
    dequeue(state, action)
    let_start(state, action)
    move(action, ActionStatus.WAITING)
    action.asks_to_take = event.take
    action.waiting_kind = WaitingKind.CONFIRMATION
    if event.until is not None:
        arm_action(state, action, TimerKind.CONFIRM, event.until)


def _confirmation_given(state: OrchestratorState, event: e.ConfirmationGiven) -> None:
    execution = state.executions[event.execution_id]
    if not event.key:
        execution.waiting_for_confirmation = False
        execution.confirmed = event.approved
        timer = f"confirm:{event.execution_id}/"
        if state.timers.pop(timer, None) is not None:
            state.timer_changes[timer] = None
        return
    action = _of(state, event)
    stop_waiting(action)
    disarm_action(state, action)
    if action.asks_to_take:
        action.asks_to_take = False
        action.may_take = event.approved
    else:
        action.confirmed = event.approved
    comment = f": {event.comment}" if event.comment else ""
    refused = "nobody answered in time" if event.timed_out else f"a person refused{comment}"
    action.reason = "" if event.approved else refused
    action.outcome = None
    action.refused = not event.approved
    move(action, _PENDING)
    want(state, action)


def _held_back(state: OrchestratorState, event: e.TaskHeldBack) -> None:
    action = _of(state, event)
    action.held_back = event.reason
    if event.until is not None:
        arm_action(state, action, TimerKind.HELD_BACK, event.until)


def _started(state: OrchestratorState, event: e.TaskStarted) -> None:
    action = _of(state, event)
    dequeue(state, action)
    let_start(state, action)
    execution = action.execution
    execution.attempts[action.key] = event.attempt
    action.attempt = event.attempt
    move(action, ActionStatus.DISPATCHED)
    action.stays_on = ""
    action.accepted = False
    _carry(action)
    action.started = action.started or event.time
    action.dispatched = event.time
    action.goal_id = event.goal_id
    action.timeout = event.timeout
    action.fixed = {**(action.fixed or {}), **event.fixed}
    state.goals[event.goal_id] = action
    state.running_goals += 1
    node = action.node
    name = action.server
    if name:
        server = state.servers.get(name)
        if server is None:
            server = state.servers[name] = ServerState()
        server.active += 1
        if event.trial:
            server.trial = event.goal_id
    if node.rate_limit:
        free = event.time + 1.0 / node.rate_limit
        state.rate_next[node.action_type] = free
        arm(state, TimerKind.RATE, free, subject=node.action_type)
    if event.timeout is not None:
        arm_action(state, action, TimerKind.TIMEOUT, event.time + event.timeout)


def _accepted(state: OrchestratorState, event: e.TaskAccepted) -> None:
    action = _of(state, event)
    action.accepted = action.begun = True
    if action.status is ActionStatus.DISPATCHED:
        action.status = ActionStatus.RUNNING


def _reached(state: OrchestratorState, event: e.TaskReached) -> None:
    action = _of(state, event)
    if event.anew:
        action.begin_anew()
    if event.reached is not None:
        action.reached = action.heard = event.reached
        action.rounds = event.rounds
        action.unseen = False
    if event.unseen:
        action.unseen, action.heard = True, None
    if event.feedback is not None:
        action.feedback = action.heard_feedback = event.feedback
    if event.missed:
        action.missed = (*action.missed, event.missed)
        action.missed_partly |= event.partial
        action.undone += event.undone
    if event.left_out:
        action.left_out = (*action.left_out, event.left_out)
    action.reached_at = event.time


def _carry(action: ActionState) -> None:
    """Let a new attempt begin where the last one ended."""
    if action.reached is not None:
        action.carried = action.so_far
        action.reached = action.heard = None
        action.unseen = False
        action.carried_rounds += action.rounds
        action.rounds = 0


def _last_feedback(action: ActionState) -> dict[str, Any]:
    """Return the last feedback of an unfinished action, with `reached` if that is known."""
    known = dict(action.feedback or {})
    return known if action.so_far is None else {**known, "reached": action.so_far}


def _completed(state: OrchestratorState, event: e.TaskCompleted) -> None:
    action = _of(state, event)
    action.output = event.output
    action.named_outcome = event.outcome
    action.error = None
    action.started = action.started or event.time
    if action.goal_id:
        note_duration(state, action, event.time)
    execution = action.execution
    if action.node.data.get("every") and action.parent is not None and action.parent.flow:
        flow = action.parent.flow
        # That a timer fires a little late does not add up; what a pause or a restart costs does.
        if flow.paced is None or event.time - flow.paced > PACE_SLACK:
            flow.paced = event.time
    if event.signal:
        execution.unread[event.signal] = execution.unread[event.signal][1:]
    execution.completed_since_checkpoint += 1
    _note_deviations(action, *event.deviations, partial=event.partial)
    if action.block != "compensation":
        done = (action.key, action.node.action_type, event.output, action.parameters)
        execution.done.append(done)
        before = execution.undo.get(action.key)
        if before is not None and before.status is not ActionStatus.SUCCEEDED:
            del execution.undo[action.key]  # half done before a checkpoint, and now to its end
        if action.node.compensation is not None:
            execution.undo[action.key] = action
    if event.ends_scope:
        _end_scope(state, action, event)
    end_action(state, action, ActionStatus.SUCCEEDED, event.time)


def _note_deviations(action: ActionState, *deviations: str, partial: bool = False) -> None:
    """Note what an action that ends did not do as the plan asks."""
    execution = action.execution
    if execution.follows(Logic.LAST_TRY_COUNTS):
        execution.deviations.pop(action.key, None)
        execution.partial.discard(action.key)
    if deviations:
        execution.deviations[action.key] = deviations
    if partial:
        execution.partial.add(action.key)


def _end_scope(state: OrchestratorState, action: ActionState, event: e.TaskCompleted) -> None:
    """Let the plan or subplan around a return end with its value."""
    scope = action.parent
    while scope is not None and scope.node.kind not in ("root", "subplan"):
        scope = scope.parent
    if scope is None or scope.flow is None:
        return
    flow = scope.flow
    if flow.returning or flow.block == "compensation":
        return
    flow.returning = True
    flow.returned = event.output if action.node.kind == "return" else None
    if not flow.abort:
        flow.abort = AbortCause.RETURN
        flow.abort_reason = f"{action.key} ends the plan here"
    want(state, scope)


def _attempt_failed(state: OrchestratorState, event: e.TaskAttemptFailed) -> None:
    action = _of(state, event)
    late = action.intent is CancelIntent.TIMEOUT
    if event.outcome is AttemptOutcome.TIMED_OUT or (
        late and event.outcome is AttemptOutcome.UNKNOWN
    ):
        note_timeout(state, action)
    if action.goal_id and event.outcome in (AttemptOutcome.ABORTED, AttemptOutcome.UNKNOWN):
        action.begun = True
    decided(state, action)
    dequeue(state, action)
    disarm_action(state, action)
    stop_waiting(action)
    forget_goal(state, action)
    action.error = event.error
    action.outcome = event.outcome
    action.attempts_failed = 1 if event.further else action.attempts_failed + 1
    action.unguarded = action.guard_reason = ""
    action.position = 0
    forget_run(state, action)
    action.started = action.started or event.time
    move(action, ActionStatus.RECOVERING)
    want(state, action)


def _requeued(state: OrchestratorState, event: e.TaskRequeued) -> None:
    action = _of(state, event)
    disarm_action(state, action)
    if event.lost:
        action.lost += 1
    if event.hindered:
        action.hindrances += 1
    if action.intent is CancelIntent.PAUSE or action.reached is not None:
        stay(action)
    forget_goal(state, action)
    _make_ready(state, action, event.time)


def _retry_scheduled(state: OrchestratorState, event: e.TaskRetryScheduled) -> None:
    action = _of(state, event)
    decided(state, action)
    move(action, ActionStatus.WAITING)
    forget_run(state, action)
    action.waiting_kind = WaitingKind.RETRY
    action.timeout_factor *= event.timeout_factor
    if event.parameters:
        action.override = {**(action.override or {}), **event.parameters}
    arm_action(state, action, TimerKind.RETRY, event.time + event.delay)


def _retry_due(state: OrchestratorState, event: e.TaskRetryDue) -> None:
    action = _of(state, event)
    disarm_action(state, action)
    stop_waiting(action)
    move(action, _PENDING)
    action.flow = None
    action.unguarded = action.guard_reason = ""
    # Its condition held and a person agreed before the first attempt: they are not asked again.
    action.passed = action.confirmed = action.condition_holds = True
    want(state, action)


def _failed(state: OrchestratorState, event: e.TaskFailed) -> None:
    action = _of(state, event)
    action.error = event.error
    action.execution.failed += 1
    _note_deviations(action)
    _note_not_undone(action, event.error)
    _note_half_done(action)
    if event.tolerated:
        action.execution.tolerated += 1
    end_action(state, action, ActionStatus.FAILED, event.time, tolerated=event.tolerated)


def _note_half_done(action: ActionState) -> None:
    """Remember an action that has begun and ends without success, if that can be undone."""
    execution = action.execution
    if (
        action.begun
        and action.node.compensation_of_partial is not None
        and not execution.compensating
        # What was done wholly before a checkpoint is undone wholly.
        and action.key not in execution.undo
    ):
        execution.undo[action.key] = action


def _stopped(reason: str) -> ErrorInfo:
    return ErrorInfo(type=ErrorType.CANCELLATION, code="CANCELLED", message=reason)


def _note_not_undone(action: ActionState, error: ErrorInfo) -> None:
    if action.block == "compensation":
        action.execution.not_undone[action.execution.undoing] = error


def _skipped(state: OrchestratorState, event: e.TaskSkipped) -> None:
    action = _of(state, event)
    action.reason = event.reason or event.cause
    deviations: tuple[str, ...] = ()
    if event.cause is SkipCause.DEPENDENCY:
        action.execution.tolerated += not _goes_with_its_block(action)
    elif event.cause is SkipCause.RECOVERY:
        why = action.error.message if action.error else event.reason
        deviations = (f"left out by a recovery: {why}",)
    elif event.cause is SkipCause.GUARD:
        deviations = (f"left out by its guard: {event.reason}",)
    _note_deviations(action, *deviations)
    _note_half_done(action)
    end_action(state, action, ActionStatus.SKIPPED, event.time, cause=event.cause)


def _goes_with_its_block(action: ActionState) -> bool:
    """Whether the failure that it depended on has ended the block that it is in."""
    if not action.execution.follows(Logic.LEFT_OUT_BY_FAILURE_IS_HANDLED):
        return False
    flow = action.parent.flow if action.parent is not None else None
    return flow is not None and flow.abort is AbortCause.FAILURE


def _cancel_requested(state: OrchestratorState, event: e.TaskCancelRequested) -> None:
    action = _of(state, event)
    decided(state, action)
    action.intent = event.intent
    move(action, ActionStatus.CANCELING)
    action.reason = event.reason or "is being cancelled"
    arm_action(state, action, TimerKind.CANCEL, event.until)
    if event.below_at is not None:
        arm_action(state, action, TimerKind.BELOW, event.below_at)


def _cancel_refused(state: OrchestratorState, event: e.TaskCancelRefused) -> None:
    action = _of(state, event)
    action.reason = f"the server would not cancel: {event.reason}"


def _stopped_below(state: OrchestratorState, event: e.StoppedBelow) -> None:
    _of(state, event).reason = event.description()
    disarm(state, TimerKind.BELOW, execution_id=event.execution_id, subject=event.key)


def _held(state: OrchestratorState, event: e.TaskHeld) -> None:
    _of(state, event).held = event.held


def _cancelled(state: OrchestratorState, event: e.TaskCancelled) -> None:
    action = _of(state, event)
    action.reason = event.reason
    if not event.confirmed:
        action.outcome = AttemptOutcome.UNKNOWN
        action.begun = action.begun or bool(action.goal_id)
    _note_deviations(action)
    _note_not_undone(action, _stopped(event.reason))
    _note_half_done(action)
    end_action(state, action, ActionStatus.CANCELLED, event.time)


def _preempted(state: OrchestratorState, event: e.TaskPreempted) -> None:
    _of(state, event).preempted_by = event.by


HANDLERS: dict[type[e.Event], Any] = {
    e.BlockEntered: _block_entered,
    e.BlockAborted: _block_aborted,
    e.TaskReady: _ready,
    e.TaskWaiting: _waiting,
    e.ConditionPolled: _polled,
    e.GuardFailed: _guard_failed,
    e.GuardPassed: _guard_passed,
    e.BreakpointReached: _breakpoint_reached,
    e.BreakpointPassed: _breakpoint_passed,
    e.ConfirmationRequested: _confirmation_requested,
    e.ConfirmationGiven: _confirmation_given,
    e.TaskHeldBack: _held_back,
    e.TaskStarted: _started,
    e.TaskAccepted: _accepted,
    e.TaskReached: _reached,
    e.TaskCompleted: _completed,
    e.TaskAttemptFailed: _attempt_failed,
    e.TaskRequeued: _requeued,
    e.TaskRetryScheduled: _retry_scheduled,
    e.TaskRetryDue: _retry_due,
    e.TaskFailed: _failed,
    e.TaskSkipped: _skipped,
    e.TaskCancelRequested: _cancel_requested,
    e.TaskCancelRefused: _cancel_refused,
    e.StoppedBelow: _stopped_below,
    e.TaskHeld: _held,
    e.TaskCancelled: _cancelled,
    e.TaskPreempted: _preempted,
}
