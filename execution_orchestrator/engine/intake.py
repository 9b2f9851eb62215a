"""How executions come in: asked for, planned, put in line, admitted and begun."""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import line, quarantine
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import (
    AbandonPreparation,
    NotifyConfirmationNeeded,
    Prepare,
)
from execution_orchestrator.engine.ending import end_unstarted, fail_unstarted
from execution_orchestrator.engine.inputs import (
    PreparationFinished,
    RawGoal,
    Request,
    RetryDeadLetter,
    SetSchedule,
    Submit,
    SubmitOptions,
)
from execution_orchestrator.engine.logic import CURRENT
from execution_orchestrator.engine.program import Program, ProgramError, compile_new
from execution_orchestrator.engine.recovery.dead_letters import change, single_action_plan
from execution_orchestrator.engine.state import ExecutionState, OrchestratorState
from execution_orchestrator.engine.status import NOT_DONE, TimerKind
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import DEADLINE_CLOCKS
from execution_orchestrator.plan.timetable import Timetable, clock_words, zone_of
from execution_orchestrator.plan.timing import Timing, read_moment


def on_submit(turn: Turn, incoming: Submit) -> None:
    """Take an execution in, attach to one of the same id, or refuse with a reason."""
    turn.ids = (incoming.execution_id,)
    if incoming.execution_id in turn.state.executions:
        return
    _take_in(turn, incoming)


def may_come_in(turn: Turn, execution_id: str) -> bool:
    """Say whether a new execution can be taken in; refuses with a reason if not."""
    state = turn.state
    ended = state.forgotten.get(execution_id)
    if ended is not None:
        turn.refuse(
            f"{execution_id} ran before and ended {ended}; look it up in the history, "
            "or choose another id"
        )
    elif state.emergency:
        turn.refuse(f"the emergency stop is active ({state.emergency_reason}); reset it first")
    elif (waiting := queued(state, turn.config)) >= turn.config.queue_capacity:
        turn.refuse(f"the queue is full: {waiting} waiting; try again later")
    return not turn.refusal


def queued(state: OrchestratorState, config: EngineConfig) -> int:
    """Return how many executions wait, or will wait once their plans are made."""
    free = max(0, config.max_running_executions - len(state.running))
    pending = sum(one.starts is None for one in state.pending.values())
    return max(0, len(state.planning) + pending - free)


def _take_in(turn: Turn, incoming: Submit, retry_of: str = "") -> bool:
    if not may_come_in(turn, incoming.execution_id):
        return False
    try:
        program = compile_new(incoming.plan)
    except ProgramError as failure:
        turn.refuse(str(failure))
        return False
    if full := _no_room_to_wait(turn, incoming.start):
        turn.refuse(full)
        return False
    line_up(turn, incoming, program, retry_of)
    return True


def _no_room_to_wait(turn: Turn, start: float | None) -> str:
    """Return why an execution cannot wait for its moment, empty if it can or need not."""
    limit = turn.config.max_waiting_for_start
    waiting = sum(one.starts is not None for one in turn.state.pending.values())
    if start is None or start <= turn.wall or waiting < limit:
        return ""
    return f"{limit} executions wait for their start already; raise max_waiting_for_start"


def line_up(turn: Turn, incoming: Submit, program: Program, retry_of: str = "") -> None:
    """Let an execution that has all it needs wait for its turn."""
    start, limit, deadline = incoming.start, None, incoming.deadline
    if start is None or start <= turn.wall:
        start = None
        deadline = _first(deadline, _after(turn, program.timeout))
    else:
        # Its time begins when it may start.
        limit = _first(incoming.limit, program.timeout)
        deadline = None
    turn.emit(
        e.ExecutionAccepted(
            time=turn.now,
            execution_id=incoming.execution_id,
            plan=incoming.plan,
            input=incoming.input,
            command=incoming.command,
            priority=incoming.priority,
            deadline=deadline,
            options=incoming.options,
            retry_of=retry_of,
            start=start,
            until=incoming.until,
            zone=incoming.zone,
            limit=limit,
            behind=line.ahead(turn.state, incoming.execution_id),
            logic=CURRENT,
        )
    )
    if incoming.planning is not None:
        turn.emit(
            e.PlanMade(time=turn.now, execution_id=incoming.execution_id, report=incoming.planning)
        )
    if incoming.changes:
        turn.emit(
            e.PlanOptimised(
                time=turn.now, execution_id=incoming.execution_id, changes=incoming.changes
            )
        )


def _first(*limits: float | None) -> float | None:
    return min((one for one in limits if one is not None), default=None)


def _after(turn: Turn, seconds: float | None) -> float | None:
    return None if seconds is None else turn.now + seconds


def due(turn: Turn, execution_id: str) -> None:
    """Let an execution whose moment has come wait for its turn; its limit begins to count."""
    execution = turn.state.executions.get(execution_id)
    if execution is not None and execution.starts is not None:
        deadline = _after(turn, execution.limit)
        turn.emit(e.ExecutionDue(time=turn.now, execution_id=execution_id, deadline=deadline))


def on_retry_dead_letter(turn: Turn, incoming: RetryDeadLetter) -> None:
    """Retry a dead letter, or discard it."""
    letter = turn.state.dead_letters.get(incoming.dead_letter_id)
    if letter is None:
        turn.refuse(f"no dead letter is called {incoming.dead_letter_id}")
        return
    if letter.status == "retrying":
        turn.refuse("it is being retried already")
        return
    unknown = [
        goal
        for goal in turn.state.quarantined.values()
        if goal.owner == letter.execution_id and goal.action == letter.key
    ]
    if unknown and not incoming.discard:
        turn.refuse(f"{unknown[0].doubt}: {quarantine.named(unknown[0])}, {unknown[0].reason}")
        return
    if incoming.discard:
        change(turn, letter, "discarded")
        return
    if turn.now < letter.retry_after:
        turn.refuse(f"it is not to be retried for another {letter.retry_after - turn.now:.0f} s")
        return
    execution_id = incoming.execution_id or (
        f"{letter.execution_id}-{letter.key}-retry{letter.retries + 1}"
    )
    if execution_id in turn.state.executions or execution_id in turn.state.forgotten:
        turn.refuse(f"an execution is called {execution_id} already")
        return
    submit = Submit(
        execution_id=execution_id,
        plan=single_action_plan(letter),
        command=f"retry of {letter.key} of execution {letter.execution_id}",
        options=SubmitOptions(checkpoint_every=0),
    )
    if _take_in(turn, submit, retry_of=letter.dead_letter_id):
        turn.ids = (execution_id,)
        change(turn, letter, "retrying")


def admit(turn: Turn) -> None:
    """Admit waiting executions to free places, the most urgent first."""
    state = turn.state
    while not state.emergency and len(state.running) < turn.config.max_running_executions:
        first = line.first(state)
        if first is None:
            return
        _admit(turn, first)


def _admit(turn: Turn, execution: ExecutionState) -> None:
    limit = turn.config.confirmation_timeout
    asks = not execution.confirmed
    turn.emit(
        e.ExecutionAdmitted(
            **turn.execution(execution),
            confirm_until=turn.now + limit if asks and limit is not None else None,
        )
    )
    if not asks:
        begin(turn, execution)
        return
    ask_about_plan(turn, execution, "this plan")


def ask_about_plan(turn: Turn, execution: ExecutionState, which: str) -> None:
    """Ask a person whether a plan may run."""
    who = execution.options.requester
    described = execution.program.data.get("description")
    what = execution.command or described or "a plan without a description"
    question = f"may {which}{f' of {who}' if who else ''} run: {what}?"
    turn.emit(e.ConfirmationRequested(**turn.execution(execution), question=question))
    turn.request(
        NotifyConfirmationNeeded(execution_id=execution.execution_id, key="", question=question)
    )


def begin(turn: Turn, execution: ExecutionState) -> None:
    """Let the actions of an execution run."""
    turn.emit(e.ExecutionStarted(**turn.execution(execution)))


def on_request(turn: Turn, incoming: Request) -> None:
    """Take a goal in and have its plan made, attach to an execution of its id, or refuse."""
    turn.ids = (incoming.execution_id,)
    known = turn.state.executions.get(incoming.execution_id)
    if known is not None and not (incoming.anew and known.status in NOT_DONE):
        return
    if not may_come_in(turn, incoming.execution_id):
        return
    limit = incoming.timeout
    turn.emit(
        e.ExecutionRequested(
            time=turn.now,
            execution_id=incoming.execution_id,
            goal=incoming.goal,
            priority=incoming.priority,
            deadline=None if limit is None else turn.now + limit,
            options=incoming.options,
            limit=limit,
            until=ends_at(turn, incoming.goal),
        )
    )
    begin_planning(turn, turn.state.executions[incoming.execution_id])


def ends_at(turn: Turn, goal: RawGoal) -> float | None:
    """Return the moment by which a command is to be over, if its goal says so without a plan.

    A plan may read the clock in another time zone, so a goal with a plan has its deadline read when
    the plan is validated, at once. That also reports a deadline that is no moment or a past one.
    """
    timed = goal.start_at or goal.not_before or goal.schedule
    if not goal.deadline or goal.deadline in DEADLINE_CLOCKS or goal.plan.strip() or timed:
        return None
    try:
        moment = read_moment(goal.deadline, zone_of(turn.config.time_zone), turn.wall)
    except ValueError:
        return None
    return moment if moment > turn.wall else None


def begin_planning(turn: Turn, execution: ExecutionState) -> None:
    """Have the plan of an execution made."""
    goal, options = execution.goal, execution.options
    assert goal is not None  # it is what tells that the plan is being made
    run_id = f"{execution.execution_id}/plan/{execution.plannings + 1}"
    turn.emit(
        e.PlanningStarted(
            **turn.execution(execution),
            run_id=run_id,
            until=turn.now + turn.config.planning_timeout,
        )
    )
    turn.request(
        Prepare(
            run_id=run_id,
            execution_id=execution.execution_id,
            goal=goal,
            asked=execution.accepted + turn.wall - turn.now,
            planner=options.planner,
            optimise=options.optimise,
            breakpoints=options.breakpoints,
            fired=bool(execution.schedule_id),
        )
    )


def after_restart(turn: Turn, execution: ExecutionState) -> None:
    """Plan again after a restart, or end, as the goal asks: the earlier planning is lost."""
    if execution.cancel_cause:
        return
    if execution.options.plan_again:
        begin_planning(turn, execution)
        return
    message = "the node was restarted while the plan was being made, and it is not to plan again"
    _fail(turn, execution, ErrorType.EXECUTION, "PLANNING_INTERRUPTED", message)


def unanswered(turn: Turn, execution_id: str) -> None:
    """End the wait for a plan that takes too long."""
    execution = turn.state.executions.get(execution_id)
    if execution is None or not execution.planning_run:
        return
    turn.request(AbandonPreparation(run_id=execution.planning_run))
    limit = turn.config.planning_timeout
    message = f"there was no plan within {limit:g} s"
    _fail(turn, execution, ErrorType.TIMEOUT, "PLANNING_TIMEOUT", message)


def on_finished(turn: Turn, incoming: PreparationFinished) -> None:
    """Queue an execution with its plan, or end it with the issues of the plan."""
    execution = turn.state.executions.get(incoming.execution_id)
    if execution is None or not execution.planning_run:
        return
    if execution.planning_run != incoming.run_id:
        return
    issues, plan = incoming.issues, incoming.plan
    program = None
    if plan is not None:
        try:
            program = compile_new(plan)
        except ProgramError as failure:
            issues = (*issues, Issue("PLAN_INVALID", str(failure)))
    turn.emit(
        e.PlanningFinished(
            **turn.execution(execution),
            run_id=incoming.run_id,
            valid=program is not None,
            issues=issues,
            omitted=incoming.omitted,
            planning=incoming.planning if program is None else None,
        )
    )
    if program is None or plan is None:
        errors = [one for one in issues if one.severity is Severity.ERROR]
        first = errors[0] if errors else Issue("PLAN_INVALID", "the plan cannot run")
        more = len(errors) + incoming.omitted - 1
        message = f"{first.message} (and {more} more)" if more > 0 else first.message
        _fail(turn, execution, ErrorType.VALIDATION, first.code, message)
        return
    goal = execution.goal
    assert goal is not None  # it is what tells that the plan is being made
    timing = incoming.timing
    if timing.timetable is not None and not execution.schedule_id:
        understood = str(plan.get("command") or goal.command)
        _keep_schedule(turn, execution, timing, timing.timetable, understood)
        return
    full = _no_room_to_wait(turn, timing.start)
    if full:
        _fail(turn, execution, ErrorType.RESOURCE_UNAVAILABLE, "START_REFUSED", full)
        return
    confirm = execution.options.confirm_plan or incoming.confirm
    line_up(
        turn,
        Submit(
            execution_id=execution.execution_id,
            plan=plan,
            input=incoming.input,
            command=goal.command or str(plan.get("command") or ""),
            priority=execution.priority,
            deadline=_deadline(turn, execution),
            options=msgspec.structs.replace(execution.options, confirm_plan=confirm),
            planning=incoming.planning,
            changes=incoming.changes,
            start=timing.start,
            until=timing.until,
            zone=timing.zone,
            limit=execution.limit,
        ),
        program,
    )


def _keep_schedule(
    turn: Turn, execution: ExecutionState, timing: Timing, timetable: Timetable, command: str
) -> None:
    """Set the schedule that a goal defines; its own execution completes with that."""
    goal = execution.goal
    assert goal is not None  # it is what tells that the plan is being made
    if goal.command and not goal.plan.strip():
        # As it was understood: what "that" is in "do that every hour" is another thing later.
        goal = msgspec.structs.replace(goal, command=command)
    name = timing.schedule_id or execution.execution_id
    step = SetSchedule(
        schedule_id=name,
        timetable=timetable,
        goal=msgspec.structs.replace(goal, schedule=""),
        command=command,
        priority=execution.priority,
        timeout=execution.limit,
        options=execution.options,
        set_by=execution.execution_id,
    )
    set_schedule(turn, step)
    if turn.refusal:
        message, turn.refusal = turn.refusal, ""
        _fail(turn, execution, ErrorType.RESOURCE_UNAVAILABLE, "SCHEDULE_REFUSED", message)
        return
    moment = turn.state.schedules[name].next_moment
    when = "never" if moment is None else f"at {clock_words(moment, timetable.time_zone)}"
    end_unstarted(
        turn,
        execution,
        f"the schedule {name} is set, {timetable.described()}; it starts next {when}",
    )


def set_schedule(turn: Turn, incoming: SetSchedule) -> None:
    """Take a schedule in, or put it in the place of the one of that name."""
    state = turn.state
    turn.ids = (incoming.schedule_id,)
    limit = turn.config.max_schedules
    if incoming.schedule_id not in state.schedules and len(state.schedules) >= limit:
        turn.refuse(f"there are {limit} schedules already; remove one, or raise max_schedules")
        return
    turn.emit(
        e.ScheduleSet(
            time=turn.now,
            schedule_id=incoming.schedule_id,
            timetable=incoming.timetable,
            goal=incoming.goal,
            command=incoming.command,
            priority=incoming.priority,
            timeout=incoming.timeout,
            options=incoming.options,
            since=turn.wall,
            next_moment=incoming.timetable.after(turn.wall),
            set_by=incoming.set_by,
        )
    )


def _deadline(turn: Turn, execution: ExecutionState) -> float | None:
    """Return the deadline of the goal; it is extended by the length of a pause."""
    for timer, left in execution.stopped_timers:
        if timer.kind is TimerKind.DEADLINE:
            return turn.now + left
    return execution.deadline


def _fail(turn: Turn, execution: ExecutionState, kind: ErrorType, code: str, message: str) -> None:
    error = ErrorInfo(type=kind, code=code, message=message, recoverable=False)
    fail_unstarted(turn, execution, error)
