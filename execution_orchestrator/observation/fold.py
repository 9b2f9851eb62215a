"""The fold of events into records: one small function per event, and every event has one.

Statuses follow the engine's rules (engine/status.py); the simulation compares each record with the
engine's state after every event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never, cast

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.status import (
    FINAL_ACTION,
    ActionStatus,
    AttemptOutcome,
    ExecutionStatus,
    status_of,
)
from execution_orchestrator.observation.reasons import reason_after
from execution_orchestrator.observation.record import (
    DROPPED,
    ActionRecord,
    AttemptRecord,
    CheckpointRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
    Replanning,
    RollbackRecord,
    Shown,
)
from execution_orchestrator.plan.tree import EARLIER, PlanTree

MAX_AMENDED = 8  # plans of before an amendment
KEPT_PICTURES = 20  # of one action: those of its newest attempts
_A = ActionStatus
_GIVEN_UP = {_A.FAILED: "ABORT", _A.SKIPPED: "SKIP", _A.CANCELLED: "CANCELLED"}
_GO_ON = frozenset({"RETRY", "FALLBACK"})  # what follows shows whether the strategy helped


def fold(record: ExecutionRecord, event: ev.Event) -> ExecutionRecord:
    """Apply one event to the record of its execution; returns the record to continue with.

    That is a new record when an execution that had failed is begun again under its id.
    """
    if record.is_final and isinstance(event, ev.ExecutionRequested):
        record = ExecutionRecord(record.execution_id)
    record.wall.note(event)
    record.last_seen = max(record.last_seen, event.time)
    _apply(record, cast("ev.AnyEvent", event))
    return record


def record_of(execution_id: str, events: Iterable[ev.Event]) -> ExecutionRecord:
    """Return the record after all these events; its ``accepted`` is 0.0 if there were none."""
    record = ExecutionRecord(execution_id)
    for event in events:
        record = fold(record, event)
    return record


# --------------------------------------------------------------------------- executions


def _refresh(record: ExecutionRecord) -> None:
    """Work out the status of an unfinished execution."""
    if record.is_final:
        return
    before = record.status
    record.status = status_of(
        paused=record.paused,
        planning=record.planning,
        started=record.started is not None,
        recovering=bool(record.recovering or record.compensating or record.replan_run),
        waiting_for_confirmation=record.waiting_for_confirmation,
    )
    over = before is ExecutionStatus.RECOVERING and record.status is ExecutionStatus.EXECUTING
    if over and not record.cancelling:
        record.reason = ""


def _requested(record: ExecutionRecord, event: ev.ExecutionRequested) -> None:
    record.planning = True
    record.goal = event.goal
    record.schedule_id = event.schedule_id
    record.command = event.goal.command
    _take_in(record, event)


def _take_in(record: ExecutionRecord, event: ev.ExecutionRequested | ev.ExecutionAccepted) -> None:
    record.accepted = event.time
    record.priority = event.priority
    record.correlation_id = event.options.correlation_id
    record.requester = event.options.requester
    record.reason = reason_after(event)
    if event.options.start_paused:
        record.paused = True
        record.pauses.append((event.time, None))
    _refresh(record)


def _planning_started(record: ExecutionRecord, event: ev.PlanningStarted) -> None:
    if not record.paused:
        record.reason = reason_after(event)


def _planning_finished(record: ExecutionRecord, event: ev.PlanningFinished) -> None:
    record.issues = event.issues
    if event.planning is not None:
        record.add_planning(event.planning)


def _accepted(record: ExecutionRecord, event: ev.ExecutionAccepted) -> None:
    if not record.planning:
        _take_in(record, event)
    elif not record.paused:
        record.reason = reason_after(event)
    record.planning = False
    record.waits = event.waits
    record.command = event.command or str(event.plan.get("command", ""))
    record.input = event.input
    record.confirmed = not event.options.confirm_plan
    record.plan = event.plan
    record.tree = PlanTree(event.plan)
    for key in record.tree.known():
        _action(record, key)
    _refresh(record)


def _due(record: ExecutionRecord, event: ev.ExecutionDue) -> None:
    record.waits = ""
    if not record.paused:
        record.reason = reason_after(event)


def _plan_made(record: ExecutionRecord, event: ev.PlanMade) -> None:
    record.add_planning(event.report)


def _optimised(record: ExecutionRecord, event: ev.PlanOptimised) -> None:
    record.changes = event.changes


def _admitted(record: ExecutionRecord, event: ev.ExecutionAdmitted) -> None:
    record.admitted = True
    record.waits = ""
    record.waiting_for_confirmation = not record.confirmed
    record.reason = reason_after(event)
    _refresh(record)


def _started(record: ExecutionRecord, event: ev.ExecutionStarted) -> None:
    if record.started is None:
        record.started = event.time
    record.reason = reason_after(event)
    _refresh(record)


def _paused(record: ExecutionRecord, event: ev.ExecutionPaused) -> None:
    record.paused = True
    record.pauses.append((event.time, None))
    record.reason = reason_after(event)
    _refresh(record)


def _end_pause(record: ExecutionRecord, time: float) -> None:
    record.paused = False
    if not record.pauses or record.pauses[-1][1] is not None:
        return
    began = record.pauses[-1][0]
    record.pauses[-1] = (began, time)
    for action in record.actions.values():
        # A delay is suspended for a pause; the time before another attempt is not.
        since, until = action.waits_from, action.waits_until
        if action.action_type == "delay" and since is not None and until is not None:
            paused = max(0.0, time - max(began, since))
            action.waits_from, action.waits_until = since + paused, until + paused


def _resumed(record: ExecutionRecord, event: ev.ExecutionResumed) -> None:
    _end_pause(record, event.time)
    record.reason = record.waits or reason_after(event)
    _refresh(record)


def _cancelling(record: ExecutionRecord, event: ev.ExecutionCancelRequested) -> None:
    goes_on_first = record.paused or bool(record.replan_run)
    record.cancelling = True
    record.replan_run = ""
    _end_pause(record, event.time)
    record.reason = reason_after(event)
    if goes_on_first:
        _refresh(record)
    if record.waiting_for_confirmation:
        record.waiting_for_confirmation = False
        record.questions.pop("", None)


def _compensating(record: ExecutionRecord, event: ev.CompensationStarted) -> None:
    record.compensating = True
    record.rollback = RollbackRecord(event.keys, event.partial, left=event.keys)
    record.reason = reason_after(event)
    _refresh(record)


def _rolled_back(record: ExecutionRecord, event: ev.RollbackEnded) -> None:
    rollback = record.rollback
    if rollback is not None:
        rollback.left, rollback.not_undone = event.not_begun, dict(event.not_undone)
        rollback.now, rollback.ended = "", True


def _finished(record: ExecutionRecord, event: ev.ExecutionFinished) -> None:
    _end_pause(record, event.time)
    _nothing_open(record)
    record.questions.clear()
    record.breakpoints.clear()
    record.status = ExecutionStatus(event.status)
    for action in record.actions.values():
        if action.status == _A.PENDING:
            _move(record, action, _A.SKIPPED)
            action.reason, action.ended = "the execution ended before it began", event.time
    record.reason = reason_after(event)
    record.error = event.error
    record.output = event.output
    record.deviations = event.deviations
    record.ended = event.time


def _nothing_open(record: ExecutionRecord) -> None:
    record.planning = False
    record.cancelling = record.compensating = record.waiting_for_confirmation = False
    record.replan_run = ""
    record.recovering = 0


def _restored(record: ExecutionRecord, event: ev.CheckpointRestored) -> None:
    record.rollback = None
    if record.is_final:
        record.shown = Shown()
    known = set(record.tree.known())
    for action in record.actions.values():
        _reset(record, action)
        if action.key not in known:
            action.status = DROPPED
            action.reason = reason_after(event)
    _go_on(record, event)


def _go_on(record: ExecutionRecord, event: ev.CheckpointRestored | ev.ExecutionReplanned) -> None:
    """Start again with the actions that are done."""
    _nothing_open(record)
    record.succeeded = 0
    record.error = record.output = record.ended = None
    record.confirmed = True
    record.status = ExecutionStatus.EXECUTING
    record.reason = reason_after(event)
    if record.started is None:
        record.started = event.time


def _checkpoint(record: ExecutionRecord, event: ev.CheckpointCreated) -> None:
    record.checkpoints.append(CheckpointRecord(event.time, event.checkpoint_id, record.succeeded))


def _replan_requested(record: ExecutionRecord, event: ev.ReplanRequested) -> None:
    if event.run_id == record.replan_run:
        return  # asked again after a restart
    record.replan_run = event.run_id
    record.questions_for_plans += 1
    record.reason = reason_after(event)
    _refresh(record)


def _replan_failed(record: ExecutionRecord, event: ev.ReplanFailed) -> None:
    if event.planning is not None:
        record.add_planning(event.planning)
    record.replan_run = ""
    record.reason = reason_after(event)
    _refresh(record)


def _replanned(record: ExecutionRecord, event: ev.ExecutionReplanned) -> None:
    record.earlier[str(record.questions_for_plans)] = record.tree
    record.plan = event.plan
    record.tree = PlanTree(event.plan)
    kept = frozenset(event.kept)
    known = frozenset(record.actions)
    dropped = []
    for key, action in record.actions.items():
        if key in kept:
            _define(record, action)
            continue
        if record.tree.find(key) is not None and EARLIER not in key:
            _reset(record, action)
            _define(record, action)
        elif action.status not in FINAL_ACTION:
            _reset(record, action)
            action.status, action.reason = DROPPED, "is not in the new plan"
            dropped.append(key)
    record.replannings.append(Replanning(event.time, tuple(dropped), ()))
    for key in record.tree.known():
        _action(record, key)
    added = tuple(key for key in record.actions if key not in known)
    record.replannings[-1] = Replanning(event.time, tuple(dropped), added)
    _go_on(record, event)
    if event.confirm:
        record.confirmed = False
        record.waiting_for_confirmation = True
        _refresh(record)


def _amended(record: ExecutionRecord, event: ev.PlanAmended) -> None:
    """Take over another plan; what has not begun is as if it had never been anything else."""
    before, record.plan, record.tree = record.tree, event.plan, PlanTree(event.plan)
    if any(record.tree.find(key) is None for key in before.known()):
        # What was done, and taken back with a checkpoint, is undone as that plan says.
        record.amended = [*record.amended[1 - MAX_AMENDED :], before]
    dropped = []
    for key, action in record.actions.items():
        if EARLIER in key or action.status == DROPPED:
            continue
        if record.tree.find(key) is None:
            if action.status not in FINAL_ACTION:
                record.questions.pop(key, None)
                record.breakpoints.discard(key)
                _reset(record, action)
                action.status, action.reason = DROPPED, "is not in the new plan"
                dropped.append(key)
            continue
        if key in event.replanted or (action.status == _A.PENDING and not action.attempt):
            record.questions.pop(key, None)
            record.breakpoints.discard(key)
            _reset(record, action)
            _define(record, action)
    known = frozenset(record.actions)
    for key in record.tree.known():
        _action(record, key)
    added = tuple(key for key in record.actions if key not in known)
    record.replannings.append(Replanning(event.time, tuple(dropped), added))


def _fault(record: ExecutionRecord, event: ev.EngineFault) -> None:
    record.reason = reason_after(event)


# --------------------------------------------------------------------------- actions


def _action(record: ExecutionRecord, key: str) -> ActionRecord:
    """Return an action, made known now if it is new."""
    found = record.actions.get(key)
    if found is None:
        found = record.actions[key] = ActionRecord(key, plan=record.replans + 1)
        _define(record, found)
    return found


def _define(record: ExecutionRecord, action: ActionRecord) -> None:
    """Copy an action's fields from the plan."""
    tree = record.tree_of(action.key)
    place = tree.find(action.key)
    if place is None:
        return
    node = place.action
    prefix = action.key[: action.key.rfind("/") + 1]
    action.action_type = str(node.get("action_type") or "")
    action.description = str(node.get("description") or "")
    action.parent = tree.parent(action.key)
    action.block = place.block
    action.depends_on = tuple(prefix + name for name in node.get("depends_on") or ())
    action.estimated_duration = float(node.get("estimated_duration") or 0.0)
    action.cost_rate = float(node.get("cost_rate") or 0.0)
    action.server = str((node.get("servers") or {}).get(action.robot) or node.get("server") or "")
    action.pausable = str(node.get("pausable") or "none")
    action.max_attempts = int((node.get("retry") or {}).get("max_attempts", 1))


def _reset(record: ExecutionRecord, action: ActionRecord) -> None:
    """Reset an action to PENDING; its earlier attempts are kept."""
    if action.status == _A.SUCCEEDED:
        record.succeeded -= 1
    action.status = _A.PENDING
    action.outcome = ""
    action.reason = action.goal_id = action.phase = action.entered = ""
    action.uncounted = max((one.number for one in action.attempts), default=0)
    action.attempt = action.items = 0
    action.item = -1
    action.progress = 0.0
    action.started = action.ended = action.error = action.output = action.remaining = None
    action.waits_from = action.waits_until = action.waiting_since = None


def _move(record: ExecutionRecord, action: ActionRecord, status: ActionStatus) -> None:
    before = action.status
    if before == status:
        return
    action.status = status
    if status is _A.SUCCEEDED:
        record.succeeded += 1
    if before == _A.RECOVERING:
        record.recovering -= 1
        _refresh(record)
    elif status is _A.RECOVERING:
        record.recovering += 1
        _refresh(record)


def _step(record: ExecutionRecord, event: ev.Event, status: ActionStatus) -> ActionRecord:
    """Move the action of an event on; whatever it waited for is over."""
    action = _action(record, event.key)
    _move(record, action, status)
    action.reason = reason_after(event)
    action.waits_from = action.waits_until = None
    return action


def _block_entered(record: ExecutionRecord, event: ev.BlockEntered) -> None:
    rollback = record.rollback
    if rollback is not None and event.undoes in rollback.left:
        rollback.now = event.undoes
        rollback.left = rollback.left[rollback.left.index(event.undoes) + 1 :]
    if event.key:
        action = _action(record, event.key)
        if action.status in (_A.PENDING, _A.RECOVERING):
            _move(record, action, _A.RUNNING)
        action.reason = reason_after(event)
        action.entered = event.block
        action.item = max(action.item, event.index)
        if event.items is not None:
            action.items = len(event.items)
        if action.started is None:
            action.started = event.time
    undoes = event.undoes
    if event.replaced_by:
        undoes += f"{EARLIER}{event.replaced_by}"
    tree = record.tree_of(undoes or event.key)
    if event.key and (event.block in _CHOICES or event.block.startswith("case[")):
        _leave_out(record, event, f"{event.key} went another way")
    opened = tree.opened(event.key, event.block, event.index, undoes, partial=event.partial)
    for key in opened:
        for inner in tree.below(key):
            known = record.actions.get(inner)
            if known is None:
                _action(record, inner)
            else:
                _reset(record, known)


_CHOICES = frozenset({"then", "else", "default"})


def _leave_out(record: ExecutionRecord, event: ev.Event, reason: str) -> None:
    """Let the actions inside an action that have not begun, and never will, end as skipped."""
    for key in record.tree_of(event.key).below(event.key):
        inner = record.actions.get(key)
        if key != event.key and inner is not None and inner.status == _A.PENDING:
            _move(record, inner, _A.SKIPPED)
            inner.reason, inner.ended = reason, event.time


def _aborted(record: ExecutionRecord, event: ev.BlockAborted) -> None:
    if event.key:
        _action(record, event.key).reason = reason_after(event)


def _ready(record: ExecutionRecord, event: ev.TaskReady) -> None:
    action = _step(record, event, _A.READY)
    action.parameters = event.parameters
    if action.ready is None:
        action.ready = event.time
    action.waiting_since = event.time


def _waiting(record: ExecutionRecord, event: ev.TaskWaiting) -> None:
    action = _step(record, event, _A.WAITING)
    if event.kind == "guard":
        return
    if action.started is None:
        action.started = event.time
    if event.kind == "delay":
        action.waits_from, action.waits_until = event.time, event.until


def _at_breakpoint(record: ExecutionRecord, event: ev.BreakpointReached) -> None:
    _step(record, event, _A.WAITING)
    record.breakpoints.add(event.key)


def _past_breakpoint(record: ExecutionRecord, event: ev.BreakpointPassed) -> None:
    _step(record, event, _A.PENDING)
    record.breakpoints.discard(event.key)


def _asked(record: ExecutionRecord, event: ev.ConfirmationRequested) -> None:
    record.questions[event.key] = event.question or "Shall it go on?"
    if event.key:
        _step(record, event, _A.WAITING)
    else:
        record.reason = reason_after(event)


def _answered(record: ExecutionRecord, event: ev.ConfirmationGiven) -> None:
    record.questions.pop(event.key, None)
    if event.key:
        _step(record, event, _A.PENDING)
    else:
        record.waiting_for_confirmation = False
        record.confirmed = event.approved
        record.reason = reason_after(event)


def _dispatched(record: ExecutionRecord, event: ev.TaskStarted) -> None:
    action = _step(record, event, _A.DISPATCHED)
    if action.started is None:
        action.started = event.time
    action.attempt = event.attempt
    action.goal_id = event.goal_id
    action.progress, action.phase, action.remaining = 0.0, "", None
    if event.fixed:
        action.parameters = {**(action.parameters or {}), **event.fixed}
    action.attempts.append(
        AttemptRecord(
            event.attempt,
            event.time,
            goal_id=event.goal_id,
            server=action.server,
            breaker_wait=event.breaker_wait,
        )
    )
    if event.breaker_wait:
        for lease in reversed(record.leases.values()):
            if lease.key != event.key:
                break
            lease.breaker_wait = event.breaker_wait


def _goal_accepted(record: ExecutionRecord, event: ev.TaskAccepted) -> None:
    action = _action(record, event.key)
    attempt = action.running
    if attempt is not None:
        attempt.accepted = event.time
    if action.status == _A.DISPATCHED:
        _move(record, action, _A.RUNNING)
        action.reason = reason_after(event)


def _picture_taken(record: ExecutionRecord, event: ev.PictureTaken) -> None:
    pictures = _action(record, event.key).pictures
    pictures[:] = [one for one in pictures if one.attempt != event.attempt][-KEPT_PICTURES + 1 :]
    pictures.append(event)


def _end_attempt(action: ActionRecord, time: float, outcome: str) -> AttemptRecord | None:
    attempt = action.running
    if attempt is not None:
        attempt.ended = time
        attempt.outcome = outcome
        # Feedback is of this goal, and not in the journal: a report of it cannot show it.
        action.progress, action.phase, action.remaining = 0.0, "", None
    return attempt


def _attempt_failed(record: ExecutionRecord, event: ev.TaskAttemptFailed) -> None:
    action = _step(record, event, _A.RECOVERING)
    attempt = _end_attempt(action, event.time, str(event.outcome).lower() or "failed")
    action.error = event.error
    if event.outcome is AttemptOutcome.UNKNOWN:
        _let_go(record, event)
    if record.status is ExecutionStatus.RECOVERING and not record.cancelling:
        record.reason = reason_after(event)
    if attempt is not None:
        attempt.error_type = str(event.error.type)
        attempt.error_code = event.error.code
        attempt.error_message = event.error.message
        attempt.said = event.error.said
        _settle(record, event.key, helped=False)


def _settle(record: ExecutionRecord, key: str, *, helped: bool) -> None:
    """Say of the recoveries before an attempt whether it shows that they helped."""
    for recovery in record.unsettled.pop(key, ()):
        recovery.helped = helped


def _end(
    record: ExecutionRecord, event: ev.Event, status: ActionStatus, outcome: str
) -> ActionRecord:
    action = _step(record, event, status)
    _leave_out(record, event, f"{event.key} ended without it")
    _let_go(record, event)
    before = action.attempts[-1] if action.attempts else None
    _end_attempt(action, event.time, outcome)
    action.ended = event.time
    if before is not None and status is _A.SUCCEEDED and before.outcome == "succeeded":
        action.ended = before.ended  # it was done before a checkpoint, or by an earlier plan
    action.waiting_since = None
    if status in (_A.SUCCEEDED, _A.FAILED):
        _settle(record, event.key, helped=status is _A.SUCCEEDED)
    record.unsettled.pop(event.key, None)
    # Journals of older releases have no end of a strategy that gives up.
    for recovery in reversed(record.recoveries):
        if recovery.key == event.key:
            if recovery.ended is None:
                recovery.ended = event.time
                recovery.outcome = _GIVEN_UP.get(status, "")
                recovery.succeeded = status is _A.SUCCEEDED
            break
    record.questions.pop(event.key, None)
    record.breakpoints.discard(event.key)
    return action


def _completed(record: ExecutionRecord, event: ev.TaskCompleted) -> None:
    action = _end(record, event, _A.SUCCEEDED, "succeeded")
    action.output = event.output
    action.outcome = event.outcome
    action.error = None
    action.progress = 1.0


def _failed(record: ExecutionRecord, event: ev.TaskFailed) -> None:
    _end(record, event, _A.FAILED, "failed").error = event.error


def _skipped(record: ExecutionRecord, event: ev.TaskSkipped) -> None:
    _end(record, event, _A.SKIPPED, "cancelled")


def _cancelled(record: ExecutionRecord, event: ev.TaskCancelled) -> None:
    _end(record, event, _A.CANCELLED, "cancelled")


def _requeued(record: ExecutionRecord, event: ev.TaskRequeued) -> None:
    action = _step(record, event, _A.READY)
    _let_go(record, event)
    _end_attempt(action, event.time, "cancelled")
    action.uncounted += 1
    action.waiting_since = event.time


def _guard_failed(record: ExecutionRecord, event: ev.GuardFailed) -> None:
    _action(record, event.key).reason = reason_after(event)


def _guard_passed(record: ExecutionRecord, event: ev.GuardPassed) -> None:
    _action(record, event.key).reason = ""
    for keys, status in ((event.keys, _A.PENDING), (event.recovering, _A.RECOVERING)):
        for key in keys:
            action = _action(record, key)
            _move(record, action, status)
            action.reason = ""


def _reason_only(record: ExecutionRecord, event: ev.TaskHeldBack | ev.TaskNoticed) -> None:
    _action(record, event.key).reason = reason_after(event)


def _retry_scheduled(record: ExecutionRecord, event: ev.TaskRetryScheduled) -> None:
    action = _step(record, event, _A.WAITING)
    action.waits_from, action.waits_until = event.time, event.time + event.delay


def _retry_due(record: ExecutionRecord, event: ev.TaskRetryDue) -> None:
    action = _step(record, event, _A.PENDING)
    action.entered, action.item, action.items = "", -1, 0


def _cancel_requested(record: ExecutionRecord, event: ev.TaskCancelRequested) -> None:
    _step(record, event, _A.CANCELING)


def _cancel_refused(record: ExecutionRecord, event: ev.TaskCancelRefused) -> None:
    action = _action(record, event.key)
    action.reason = reason_after(event)


def _stopped_below(record: ExecutionRecord, event: ev.StoppedBelow) -> None:
    _action(record, event.key).reason = reason_after(event)


def _held(record: ExecutionRecord, event: ev.TaskHeld) -> None:
    action = _action(record, event.key)
    if action.status not in FINAL_ACTION:
        action.reason = reason_after(event)


# --------------------------------------------------------------------------- recovery, resources


def _recovery_began(record: ExecutionRecord, event: ev.RecoveryInitiated) -> None:
    action = _action(record, event.key)
    action.reason = reason_after(event)
    if not record.cancelling:
        record.reason = reason_after(event)
    recovery = RecoveryRecord(
        event.key,
        event.strategy,
        event.time,
        error_type=str(event.error.type),
        error_code=event.error.code,
    )
    record.recoveries.append(recovery)


def _recovery_moves(
    record: ExecutionRecord, event: ev.RecoveryMoves | ev.RecoveryStopRequested
) -> None:
    _action(record, event.key).reason = reason_after(event)


def _recovery_ended(record: ExecutionRecord, event: ev.RecoveryFinished) -> None:
    action = _action(record, event.key)
    if event.strategy != "fallback":  # the end of a fallback is the end of the action
        _step(record, event, _A.RECOVERING)
    _let_go(record, event)
    if not event.strategy:
        return  # none is left: nothing that ran comes to an end
    for recovery in reversed(record.recoveries):
        if recovery.key == action.key and recovery.ended is None:
            recovery.ended = event.time
            recovery.outcome = str(event.outcome)
            recovery.reason = event.reason
            recovery.succeeded = event.succeeded
            if event.outcome in _GO_ON and event.succeeded:
                record.unsettled.setdefault(event.key, []).append(recovery)
            elif not event.succeeded and event.outcome != "ABORT":
                recovery.helped = False
            break


def _allocated(record: ExecutionRecord, event: ev.ResourceAllocated) -> None:
    action = _action(record, event.key)
    wanted, action.waiting_since = action.waiting_since, None
    action.resources = (*action.resources, *(lease.resource for lease in event.leases))
    robot = event.leases[0].robot if event.leases else ""
    if robot:
        action.robot = robot
        place = record.tree_of(event.key).find(event.key)
        servers = (place.action.get("servers") or {}) if place is not None else {}
        action.server = str(servers.get(robot, action.server))
    for lease in event.leases:
        record.leases[lease.lease_id] = LeaseRecord(
            lease.lease_id,
            lease.resource,
            event.key,
            lease.amount,
            event.time,
            since=event.wall,
            rate=lease.rate,
            resource_type=lease.type,
            wanted=wanted,
            execution_id=event.execution_id,
            holder=event.holder or event.key,
            priority=event.priority,
        )


def _released(record: ExecutionRecord, event: ev.ResourceReleased) -> None:
    for lease_id in event.lease_ids:
        lease = record.leases.get(lease_id)
        if lease is not None:
            lease.released = event.time
            if lease.key in record.actions:
                record.actions[lease.key].resources = ()


def _let_go(record: ExecutionRecord, event: ev.Event) -> None:
    """End the leases of an action whose attempt is over, as far as it holds any.

    What is free has its RESOURCE_RELEASED at the same moment, or after a restart. What stays with
    a quarantined goal has not: the events of that goal are of the node, not of the execution.
    """
    action = record.actions.get(event.key)
    held = len(action.resources) if action is not None else 0
    for lease in reversed(record.leases.values()) if held else ():
        if lease.key == event.key and lease.released is None:
            lease.released = event.time
            held -= 1
            if not held:
                break
    if action is not None:
        action.resources = ()


def _apply(record: ExecutionRecord, event: ev.AnyEvent) -> None:
    """Apply an event to a record. An event without a case here does not type-check."""
    match event:
        # The most frequent first: they are compared in this order.
        case ev.TaskReady():
            _ready(record, event)
        case ev.ResourceAllocated():
            _allocated(record, event)
        case ev.TaskStarted():
            _dispatched(record, event)
        case ev.TaskAccepted():
            _goal_accepted(record, event)
        case ev.TaskCompleted():
            _completed(record, event)
        case ev.ResourceReleased():
            _released(record, event)
        case ev.BlockEntered():
            _block_entered(record, event)
        case ev.TaskAttemptFailed():
            _attempt_failed(record, event)
        case ev.TaskWaiting():
            _waiting(record, event)
        case ev.CheckpointCreated():
            _checkpoint(record, event)
        case ev.BlockAborted():
            _aborted(record, event)
        case ev.GuardFailed():
            _guard_failed(record, event)
        case ev.GuardPassed():
            _guard_passed(record, event)
        case ev.BreakpointReached():
            _at_breakpoint(record, event)
        case ev.BreakpointPassed():
            _past_breakpoint(record, event)
        case ev.ConfirmationRequested():
            _asked(record, event)
        case ev.ConfirmationGiven():
            _answered(record, event)
        case ev.TaskFailed():
            _failed(record, event)
        case ev.TaskSkipped():
            _skipped(record, event)
        case ev.TaskCancelRequested():
            _cancel_requested(record, event)
        case ev.TaskCancelRefused():
            _cancel_refused(record, event)
        case ev.StoppedBelow():
            _stopped_below(record, event)
        case ev.TaskHeld():
            _held(record, event)
        case ev.TaskCancelled():
            _cancelled(record, event)
        case ev.TaskRequeued():
            _requeued(record, event)
        case ev.TaskHeldBack() | ev.TaskNoticed():
            _reason_only(record, event)
        case ev.TaskRetryScheduled():
            _retry_scheduled(record, event)
        case ev.TaskRetryDue():
            _retry_due(record, event)
        case ev.RecoveryInitiated():
            _recovery_began(record, event)
        case ev.RecoveryMoves() | ev.RecoveryStopRequested():
            _recovery_moves(record, event)
        case ev.RecoveryFinished():
            _recovery_ended(record, event)
        case ev.PictureTaken():
            _picture_taken(record, event)
        case ev.RobotTravelled():
            record.travelled.append(event)
        case (
            ev.ExecutionForgotten()
            | ev.HistoryPruned()
            | ev.BreakpointsSet()
            | ev.ConditionPolled()
            | ev.TaskReached()
            | ev.TaskPreempted()
            | ev.DeadLetterAdded()
            | ev.DeadLetterChanged()
            | ev.GoalQuarantined()
            | ev.QuarantineEnded()
            | ev.BreakerCounted()
            | ev.BreakerOpened()
            | ev.BreakerHalfOpened()
            | ev.BreakerClosed()
            | ev.ServerAvailability()
            | ev.LeaseRequested()
            | ev.LeaseRequestExpired()
            | ev.RateLimitPassed()
            | ev.ObjectGrasped()
            | ev.ObjectReleased()
            | ev.EmergencyStopped()
            | ev.RobotSeenAtStop()
            | ev.EmergencyStopReset()
            | ev.StorageRestored()
            | ev.ClockAnchored()
            | ev.ClockJumped()
            | ev.EventsMissing()
            | ev.SignalReceived()
            | ev.SuccessChecked()
            | ev.AlertRaised()
            | ev.RequestRefused()
            | ev.CommandGiven()
            | ev.AlertCleared()
            | ev.ScheduleSet()
            | ev.ScheduleFired()
            | ev.ScheduleSkipped()
            | ev.SchedulePaused()
            | ev.ScheduleResumed()
            | ev.ScheduleMoved()
            | ev.ScheduleRemoved()
        ):
            pass  # of the node as a whole (see Observation), or nothing that displays show
        case ev.ExecutionRequested():
            _requested(record, event)
        case ev.PlanningStarted():
            _planning_started(record, event)
        case ev.PlanningFinished():
            _planning_finished(record, event)
        case ev.ExecutionAccepted():
            _accepted(record, event)
        case ev.ExecutionDue():
            _due(record, event)
        case ev.PlanMade():
            _plan_made(record, event)
        case ev.PlanOptimised():
            _optimised(record, event)
        case ev.ExecutionAdmitted():
            _admitted(record, event)
        case ev.ExecutionStarted():
            _started(record, event)
        case ev.ExecutionPaused():
            _paused(record, event)
        case ev.ExecutionResumed():
            _resumed(record, event)
        case ev.ExecutionCancelRequested():
            _cancelling(record, event)
        case ev.CompensationStarted():
            _compensating(record, event)
        case ev.RollbackEnded():
            _rolled_back(record, event)
        case ev.ExecutionFinished():
            _finished(record, event)
        case ev.CheckpointRestored():
            _restored(record, event)
        case ev.ReplanRequested():
            _replan_requested(record, event)
        case ev.ExecutionReplanned():
            _replanned(record, event)
        case ev.ReplanFailed():
            _replan_failed(record, event)
        case ev.PlanAmended():
            _amended(record, event)
        case ev.EngineFault():
            _fault(record, event)
        case _:
            assert_never(event)
