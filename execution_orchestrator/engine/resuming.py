"""After a restart: the effects that the earlier process may not have carried out."""

from __future__ import annotations

from execution_orchestrator.engine import (
    ending,
    guards,
    intake,
    quarantine,
    schedule_firings,
    steering,
    stopping_below,
)
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import want
from execution_orchestrator.engine.attempts import hold, hold_effect, note_unseen, release_hold
from execution_orchestrator.engine.cancellation import request_cancel, stop_children
from execution_orchestrator.engine.effects import (
    NotifyConfirmationNeeded,
    Reattach,
    SafeStop,
    SetTimer,
)
from execution_orchestrator.engine.external_leases import request_expired
from execution_orchestrator.engine.intake import begin
from execution_orchestrator.engine.recovery.dead_letters import change
from execution_orchestrator.engine.recovery.decisions import motion_unconfirmed, strategy_effect
from execution_orchestrator.engine.scheduler import dispatch_effect
from execution_orchestrator.engine.status import ActionStatus, CancelCause, WaitingKind
from execution_orchestrator.engine.turn import Turn


def requests_again(turn: Turn) -> None:
    """Finish interrupted decisions, then repeat the effects whose answers are still missing."""
    state = turn.state
    for request_id in list(state.lease_requests):
        # Who asked waits for an answer of the process that has ended.
        request_expired(turn, request_id)
    _finish_what_was_cut(turn)
    schedule_firings.look_at_clock(turn)
    if state.emergency:
        turn.request(SafeStop(reason=state.emergency_reason))
    for action in list(state.goals.values()):
        note_unseen(turn, action)
        sent = dispatch_effect(action)
        turn.request(
            Reattach(
                execution_id=sent.execution_id,
                key=sent.key,
                attempt=sent.attempt,
                goal_id=sent.goal_id,
                capability=sent.capability,
                parameters=sent.parameters,
                timeout=sent.timeout,
                server=sent.server,
                idempotent=sent.idempotent,
                robot=sent.robot,
                feedback=sent.feedback,
                skipped=sent.skipped,
                goes_on=sent.goes_on,
                accepted=action.accepted,
                cancel=action.status is ActionStatus.CANCELING,
                dispatched=action.dispatched,
            )
        )
        if action.status is ActionStatus.CANCELING:
            stopping_below.again(turn, action)
    for goal in state.quarantined.values():
        if goal.goal_id not in state.goals:
            turn.request(quarantine.reattached(goal))
    _hold_again(turn)
    for action in list(state.runs.values()):
        if action.stopping is not None and action.motion is not None:
            turn.request(quarantine.motion_again(action, action.motion))
            stopping_below.again(turn, action)
        else:
            turn.request(strategy_effect(turn, action))
    for execution in list(state.executions.values()):
        if execution.is_final:
            continue
        if execution.goal is not None:
            intake.after_restart(turn, execution)
        if execution.replan_run:
            ending.ask_again(turn, execution)
        if execution.waiting_for_confirmation:
            turn.request(
                NotifyConfirmationNeeded(
                    execution_id=execution.execution_id, key="", question="may the plan run?"
                )
            )
        for action in execution.actions.values():
            if action.waiting_kind is WaitingKind.CONFIRMATION:
                turn.request(
                    NotifyConfirmationNeeded(
                        execution_id=execution.execution_id,
                        key=action.key,
                        question=f"may {action.key} run?",
                    )
                )
    for timer_id, timer in state.timers.items():
        turn.request(SetTimer(timer_id=timer_id, at=timer.at, wall=timer.wall))
    state.queues.all_dirty()


def _hold_again(turn: Turn) -> None:
    """Hold the goals that are paused, and only those: earlier effects may be lost."""
    state = turn.state
    for action in list(state.goals.values()):
        if action.held and not action.execution.paused:
            release_hold(turn, action)
        elif action.held:
            turn.request(hold_effect(action, hold=True))
        elif action.execution.paused and action.node.pausable == "hold" and not action.intent:
            hold(turn, action)
    still = {action.server for action in state.goals.values() if action.held}
    for execution in state.executions.values():
        for action in execution.actions.values():
            node = action.node
            if node.pausable == "hold" and action.attempt and action.server not in still:
                still.add(action.server)
                turn.request(hold_effect(action, hold=False))


def _finish_what_was_cut(turn: Turn) -> None:
    """Complete steps of which the journal has only the beginning."""
    state = turn.state
    orphans: dict[str, list[str]] = {}
    for lease_id, held in state.leases.items():
        if held.execution_id and not held.quarantine:
            execution = state.executions.get(held.execution_id)
            action = execution.actions.get(held.key) if execution is not None else None
            if action is None or not (action.goal_id or action.run_id):
                orphans.setdefault(held.execution_id, []).append(lease_id)
    for execution_id, lease_ids in orphans.items():
        turn.emit(
            e.ResourceReleased(
                time=turn.now,
                execution_id=execution_id,
                lease_ids=tuple(lease_ids),
                reason="they were not used at the restart",
            )
        )
    for action in list(state.runs.values()):
        if action.motion is not None and action.motion.goal_id in state.quarantined:
            motion_unconfirmed(turn, action, state.quarantined[action.motion.goal_id].reason)
    for execution in list(state.executions.values()):
        if execution.is_final:
            continue
        if state.emergency:
            request_cancel(
                turn, execution, CancelCause.EMERGENCY, f"emergency: {state.emergency_reason}"
            )
        if execution.paused:
            steering.cancel_in_pause(turn, execution, "paused before the restart")
        admitted = execution.execution_id in state.running
        waits = execution.waiting_for_confirmation or execution.cancel_cause
        root = execution.root
        if admitted and root is not None and not root.started and not waits:
            if execution.confirmed:
                begin(turn, execution)
            else:
                request_cancel(turn, execution, CancelCause.REFUSED, "the plan was refused")
        guards.after_restart(turn, execution.execution_id)
        for action in list(execution.actions.values()):
            flow = action.flow
            if action.is_final or flow is None:
                continue
            if flow.abort and flow.sent and flow.open:
                stop_children(turn, action, flow.abort_reason)
            elif not flow.open and action.status is ActionStatus.RUNNING:
                want(state, action)
    retried = {one.retry_of for one in state.executions.values() if not one.is_final}
    for letter in list(state.dead_letters.values()):
        if letter.status == "retrying" and letter.dead_letter_id not in retried:
            change(turn, letter, "waiting", turn.now)
