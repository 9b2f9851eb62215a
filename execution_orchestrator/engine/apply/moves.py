"""State changes that several events share; only apply calls them."""

from __future__ import annotations

from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.state import (
    ActionState,
    ExecutionState,
    OrchestratorState,
    Timer,
)
from execution_orchestrator.engine.status import (
    EXECUTION_TRANSITIONS,
    ActionStatus,
    ExecutionStatus,
    TimerKind,
    status_of,
)
from execution_orchestrator.plan.urgency import urgency

RECOVERING = ActionStatus.RECOVERING


class InvalidTransitionError(RuntimeError):
    """An event asks for a transition that the state machine does not have."""


def set_status(execution: ExecutionState, status: ExecutionStatus) -> None:
    """Take a step of the table of transitions.

    Raises:
        InvalidTransitionError: there is no such step.

    """
    if status is execution.status:
        return
    if status not in EXECUTION_TRANSITIONS[execution.status]:
        raise InvalidTransitionError(
            f"{execution.execution_id} cannot go from {execution.status} to {status}"
        )
    execution.status = status


def refresh_status(execution: ExecutionState) -> None:
    """Work out the status of an unfinished execution from what goes on in it."""
    if execution.is_final:
        return
    wanted = status_of(
        paused=execution.paused,
        planning=execution.goal is not None,
        started=bool(execution.started),
        recovering=bool(execution.recovering or execution.compensating or execution.replan_run),
        waiting_for_confirmation=execution.waiting_for_confirmation,
    )
    set_status(execution, wanted)


def move(action: ActionState, status: ActionStatus) -> None:
    """Change an action's status and count how many recover."""
    before = action.status
    if before is status:
        return
    action.status = status
    if before is RECOVERING:
        action.execution.recovering -= 1
        refresh_status(action.execution)
    elif status is RECOVERING:
        action.execution.recovering += 1
        refresh_status(action.execution)


def want(state: OrchestratorState, action: ActionState) -> None:
    """Ask for a decision about an action."""
    if action.todo:
        return
    action.todo = True
    if action.execution.paused:
        action.execution.held.append(action)
    else:
        state.agenda.append(action)


def want_first(state: OrchestratorState, action: ActionState) -> None:
    """Ask for a decision about an action before all others."""
    action.todo = True
    state.agenda.appendleft(action)


def decided(state: OrchestratorState, action: ActionState) -> None:
    """Take an action off the agenda."""
    if action.todo:
        action.todo = False
        agenda = state.agenda
        while agenda and not agenda[0].todo:
            agenda.popleft()


def release_held(state: OrchestratorState, execution: ExecutionState) -> None:
    """Put what was held back by a pause on the agenda."""
    for action in execution.held:
        if action.todo:
            state.agenda.append(action)
    execution.held = []


def arm(  # one timer of one action or thing
    state: OrchestratorState,
    kind: TimerKind,
    at: float | None,
    *,
    execution_id: str = "",
    subject: str = "",
    action: ActionState | None = None,
) -> None:
    """Set a timer; one of the same kind and subject is replaced, and removed without a moment."""
    if at is None:
        disarm(state, kind, execution_id=execution_id, subject=subject)
        return
    timer_id = f"{kind}:{execution_id}/{subject}"
    state.timers[timer_id] = Timer(at, kind, execution_id, subject)
    state.timer_changes[timer_id] = None
    if action is not None:
        if action.armed is None:
            action.armed = [timer_id]
        elif timer_id not in action.armed:
            action.armed.append(timer_id)


def timer_of(
    state: OrchestratorState, kind: TimerKind, *, execution_id: str = "", subject: str = ""
) -> Timer | None:
    """Return a timer that is set."""
    return state.timers.get(f"{kind}:{execution_id}/{subject}")


def arm_action(state: OrchestratorState, action: ActionState, kind: TimerKind, at: float) -> None:
    """Set a timer of an action."""
    arm(
        state,
        kind,
        at,
        execution_id=action.execution.execution_id,
        subject=action.key,
        action=action,
    )


def disarm(
    state: OrchestratorState, kind: TimerKind, *, execution_id: str = "", subject: str = ""
) -> None:
    """Forget a timer."""
    timer_id = f"{kind}:{execution_id}/{subject}"
    if state.timers.pop(timer_id, None) is not None:
        state.timer_changes[timer_id] = None


def stop_timers(state: OrchestratorState, execution: ExecutionState, time: float) -> None:
    """Suspend the timers of plan time during a pause: deadline, delays, block timeouts.

    The timeouts of goals that run on, and the time that people have to answer, are not suspended.
    """
    for timer_id, timer in list(state.timers.items()):
        if timer.execution_id == execution.execution_id and _is_suspended(execution, timer):
            execution.stopped_timers.append((timer, timer.at - time))
            del state.timers[timer_id]
            state.timer_changes[timer_id] = None


def _is_suspended(execution: ExecutionState, timer: Timer) -> bool:
    if timer.kind is TimerKind.DEADLINE:
        return execution.program.deadline != "wall"
    if timer.kind is TimerKind.TIMEOUT:
        action = execution.actions.get(timer.subject)
        return action is not None and action.flow is not None
    return timer.kind is TimerKind.WAIT


def restart_timers(state: OrchestratorState, execution: ExecutionState, time: float) -> None:
    """Set the timers that a pause suspended, each with the time that was left."""
    stopped, execution.stopped_timers = execution.stopped_timers, []
    for timer, left in stopped:
        if timer.kind is TimerKind.DEADLINE:
            execution.deadline = time + left
            arm(state, TimerKind.DEADLINE, time + left, execution_id=execution.execution_id)
            continue
        action = execution.actions.get(timer.subject)
        if (
            action is None
            or action.is_final
            or (timer.kind is TimerKind.WAIT and not action.waiting_kind)
        ):
            continue
        arm(
            state,
            timer.kind,
            time + left,
            execution_id=execution.execution_id,
            subject=timer.subject,
            action=action,
        )


def disarm_action(state: OrchestratorState, action: ActionState) -> None:
    """Remove all timers of an action, also those that a pause has suspended."""
    if action.armed:
        for timer_id in action.armed:
            if state.timers.pop(timer_id, None) is not None:
                state.timer_changes[timer_id] = None
        action.armed = None
        stopped = action.execution.stopped_timers
        if stopped:
            action.execution.stopped_timers = [
                one for one in stopped if one[0].subject != action.key
            ]


def enqueue(state: OrchestratorState, action: ActionState) -> None:
    """Let a ready action wait for its resources."""
    node = action.node
    execution = action.execution
    queues = state.queues
    signature = node.signature
    bound = action.in_role or action.stays_on
    if bound:
        # An action that waits for another robot must not block the head of this queue.
        signature = (*signature, bound)
    if action.takes:
        signature = (*signature, "takes")
    queue = queues.queue(
        signature,
        node.demands,
        "" if node.servers else node.server,
        node.action_type if node.rate_limit else "",
        node.servers.values(),
        takes=action.takes,
    )
    action.signature = signature
    state.order += 1
    # An optimised plan has its own order: who is planned earlier has waited longer.
    planned = node.planned_start
    since = action.ready if planned is None else execution.started + planned
    action.entry = (
        urgency(execution.priority + node.priority, since),
        node.rank,
        -node.index,
        -state.order,
        action,
    )
    queues.add(queue, action.entry)


def stay(action: ActionState) -> None:
    """Let the next attempt be for the robot of this one, if there are several."""
    if action.execution.follows(Logic.GOES_ON_WHERE_IT_WAS):
        action.stays_on = action.robot


def dequeue(state: OrchestratorState, action: ActionState) -> None:
    """Take an action out of the queue."""
    if action.entry is not None:
        state.queues.remove(action.signature, action.entry)
        action.entry = None


def let_start(state: OrchestratorState, action: ActionState) -> None:
    """End its wait for a server that could not be used."""
    if action.held_back:
        action.held_back = ""
        disarm(
            state,
            TimerKind.HELD_BACK,
            execution_id=action.execution.execution_id,
            subject=action.key,
        )


def forget_goal(state: OrchestratorState, action: ActionState) -> None:
    """Forget the goal of an action: it has ended, or is no longer waited for."""
    if action.goal_id:
        state.goals.pop(action.goal_id, None)
        name = action.server
        server = state.servers.get(name) if name else None
        if server is not None:
            server.active -= 1
            if server.trial == action.goal_id:
                server.trial = ""
                state.queues.server_freed(name)
        if state.queues.full:
            state.queues.full = False
            state.queues.all_dirty()
        state.running_goals -= 1
        action.goal_id = ""
    action.intent = None


def forget_run(state: OrchestratorState, action: ActionState) -> None:
    """Forget the recovery strategy of an action: it has ended, or is no longer waited for."""
    if action.run_id:
        state.runs.pop(action.run_id, None)
        action.run_id = ""
        if action.motion is not None:
            state.motions.pop(action.motion.goal_id, None)
        if action.stopping is not None:
            for kind in (TimerKind.RECOVERY_STOP, TimerKind.BELOW):
                disarm(
                    state,
                    kind,
                    execution_id=action.execution.execution_id,
                    subject=action.key,
                )
        action.motion = action.stopping = None
    action.recovery = ""


def stop_waiting(action: ActionState) -> None:
    """End its wait for a condition, a breakpoint or a person."""
    if action.waiting_kind:
        action.execution.waiting_for_condition.pop(action.key, None)
        action.execution.waiting_at_breakpoint.pop(action.key, None)
        action.waiting_kind = None


def shut_at_ready(
    state: OrchestratorState, action: ActionState, time: float
) -> dict[str, float] | None:
    """Return how long the breakers of an action's servers were open so far, None if never."""
    node = action.node
    found = {
        name: server.shut_for(time)
        for name in (node.servers.values() if node.servers else (node.server,))
        if (server := state.servers.get(name)) is not None
        and (server.shut_seconds or server.shut_since is not None)
    }
    return found or None
