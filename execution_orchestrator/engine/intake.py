"""How executions come in: asked for, planned, put in line, admitted and begun."""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import quarantine
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import (
    AbandonPreparation,
    NotifyConfirmationNeeded,
    Prepare,
)
from execution_orchestrator.engine.ending import fail_unstarted
from execution_orchestrator.engine.program import Program, ProgramError, compile_program
from execution_orchestrator.engine.recovery.dead_letters import change, single_action_plan
from execution_orchestrator.engine.state import ExecutionState, OrchestratorState
from execution_orchestrator.engine.status import NOT_DONE
from execution_orchestrator.engine.stimuli import (
    PreparationFinished,
    Request,
    RetryDeadLetter,
    Submit,
    SubmitOptions,
)
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.urgency import urgency


def on_submit(turn: Turn, stimulus: Submit) -> None:
    """Take an execution in, attach to one of the same id, or refuse with a reason."""
    turn.ids = (stimulus.execution_id,)
    if stimulus.execution_id in turn.state.executions:
        return
    _take_in(turn, stimulus)


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
    return max(0, len(state.planning) + len(state.pending) - free)


def _take_in(turn: Turn, stimulus: Submit, retry_of: str = "") -> bool:
    if not may_come_in(turn, stimulus.execution_id):
        return False
    try:
        program = compile_program(stimulus.plan)
    except ProgramError as failure:
        turn.refuse(str(failure))
        return False
    line_up(turn, stimulus, program, retry_of)
    return True


def line_up(turn: Turn, stimulus: Submit, program: Program, retry_of: str = "") -> None:
    """Let an execution that has all it needs wait for its turn."""
    deadline = stimulus.deadline
    if program.timeout is not None:
        own = turn.now + program.timeout
        deadline = own if deadline is None else min(own, deadline)
    turn.emit(
        e.ExecutionAccepted(
            time=turn.now,
            execution_id=stimulus.execution_id,
            plan=stimulus.plan,
            input=stimulus.input,
            command=stimulus.command,
            priority=stimulus.priority,
            deadline=deadline,
            options=stimulus.options,
            retry_of=retry_of,
        )
    )
    if stimulus.planning is not None:
        turn.emit(
            e.PlanMade(time=turn.now, execution_id=stimulus.execution_id, report=stimulus.planning)
        )
    if stimulus.changes:
        turn.emit(
            e.PlanOptimised(
                time=turn.now, execution_id=stimulus.execution_id, changes=stimulus.changes
            )
        )


def on_retry_dead_letter(turn: Turn, stimulus: RetryDeadLetter) -> None:
    """Run a dead letter once more, or throw it away."""
    letter = turn.state.dead_letters.get(stimulus.dead_letter_id)
    if letter is None:
        turn.refuse(f"no dead letter is called {stimulus.dead_letter_id}")
        return
    if letter.status == "retrying":
        turn.refuse("it is being retried already")
        return
    unknown = [
        goal
        for goal in turn.state.quarantined.values()
        if goal.owner == letter.execution_id and goal.action == letter.key
    ]
    if unknown and not stimulus.discard:
        turn.refuse(f"{quarantine.MAY_MOVE}: {quarantine.named(unknown[0])}, {unknown[0].reason}")
        return
    if stimulus.discard:
        change(turn, letter, "discarded")
        return
    if turn.now < letter.retry_after:
        turn.refuse(f"it is not to be retried for another {letter.retry_after - turn.now:.0f} s")
        return
    execution_id = stimulus.execution_id or (
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
    """Give free places to those who wait, the most urgent first."""
    state = turn.state
    while state.pending and len(state.running) < turn.config.max_running_executions:
        waiting = [one for one in state.pending.values() if not one.paused]
        if not waiting or state.emergency:
            return
        best = max(waiting, key=lambda one: (urgency(one.priority, one.accepted), -one.order))
        _admit(turn, best)


def _admit(turn: Turn, execution: ExecutionState) -> None:
    limit = turn.config.confirmation_timeout
    asks = not execution.confirmed
    turn.emit(
        e.ExecutionAdmitted(
            time=turn.now,
            execution_id=execution.execution_id,
            confirm_until=turn.now + limit if asks and limit is not None else None,
        )
    )
    if not asks:
        begin(turn, execution)
        return
    ask_about_plan(turn, execution, "this plan")


def ask_about_plan(turn: Turn, execution: ExecutionState, which: str) -> None:
    """Ask a person whether a plan may run."""
    question = f"may {which} run: {execution.command or 'a plan of low confidence'}?"
    turn.emit(
        e.ConfirmationRequested(
            time=turn.now, execution_id=execution.execution_id, question=question
        )
    )
    turn.wish(
        NotifyConfirmationNeeded(execution_id=execution.execution_id, key="", question=question)
    )


def begin(turn: Turn, execution: ExecutionState) -> None:
    """Let the actions of an execution run."""
    turn.emit(e.ExecutionStarted(time=turn.now, execution_id=execution.execution_id))


def on_request(turn: Turn, stimulus: Request) -> None:
    """Take a goal in and have its plan made, attach to an execution of its id, or refuse."""
    turn.ids = (stimulus.execution_id,)
    known = turn.state.executions.get(stimulus.execution_id)
    if known is not None and not (stimulus.anew and known.status in NOT_DONE):
        return
    if not may_come_in(turn, stimulus.execution_id):
        return
    limit = stimulus.timeout
    turn.emit(
        e.ExecutionRequested(
            time=turn.now,
            execution_id=stimulus.execution_id,
            goal=stimulus.goal,
            priority=stimulus.priority,
            deadline=None if limit is None else turn.now + limit,
            options=stimulus.options,
        )
    )
    _begin(turn, turn.state.executions[stimulus.execution_id])


def _begin(turn: Turn, execution: ExecutionState) -> None:
    goal, options = execution.goal, execution.options
    assert goal is not None  # it is what tells that the plan is being made
    run_id = f"{execution.execution_id}/plan/{execution.plannings + 1}"
    turn.emit(
        e.PlanningStarted(
            time=turn.now,
            execution_id=execution.execution_id,
            run_id=run_id,
            until=turn.now + turn.config.planning_timeout,
        )
    )
    turn.wish(
        Prepare(
            run_id=run_id,
            execution_id=execution.execution_id,
            goal=goal,
            planner=options.planner,
            optimise=options.optimise,
            breakpoints=options.breakpoints,
        )
    )


def after_restart(turn: Turn, execution: ExecutionState) -> None:
    """Make the plan once more, or end, as the goal asks: the work of before is lost."""
    if execution.cancel_cause:
        return
    if execution.options.plan_again:
        _begin(turn, execution)
        return
    message = "the node was restarted while the plan was being made, and it is not to plan again"
    _fail(turn, execution, ErrorType.EXECUTION, "PLANNING_INTERRUPTED", message)


def unanswered(turn: Turn, execution_id: str) -> None:
    """End the wait for a plan that takes too long."""
    execution = turn.state.executions.get(execution_id)
    if execution is None or not execution.planning_run:
        return
    turn.wish(AbandonPreparation(run_id=execution.planning_run))
    limit = turn.config.planning_timeout
    message = f"there was no plan within {limit:g} s"
    _fail(turn, execution, ErrorType.TIMEOUT, "PLANNING_TIMEOUT", message)


def on_finished(turn: Turn, stimulus: PreparationFinished) -> None:
    """Let an execution wait for its turn with its plan, or end with what is wrong with it."""
    execution = turn.state.executions.get(stimulus.execution_id)
    if execution is None or not execution.planning_run:
        return
    if execution.planning_run != stimulus.run_id:
        return
    issues, plan = stimulus.issues, stimulus.plan
    program = None
    if plan is not None:
        try:
            program = compile_program(plan)
        except ProgramError as failure:
            issues = (*issues, Issue("PLAN_INVALID", str(failure)))
    turn.emit(
        e.PlanningFinished(
            time=turn.now,
            execution_id=execution.execution_id,
            run_id=stimulus.run_id,
            valid=program is not None,
            issues=issues,
            omitted=stimulus.omitted,
            planning=stimulus.planning if program is None else None,
        )
    )
    if program is None or plan is None:
        errors = [one for one in issues if one.severity is Severity.ERROR]
        first = errors[0] if errors else Issue("PLAN_INVALID", "the plan cannot run")
        more = len(errors) + stimulus.omitted - 1
        message = f"{first.message} (and {more} more)" if more > 0 else first.message
        _fail(turn, execution, ErrorType.VALIDATION, first.code, message)
        return
    goal = execution.goal
    assert goal is not None  # it is what tells that the plan is being made
    confirm = execution.options.confirm_plan or stimulus.confirm
    line_up(
        turn,
        Submit(
            execution_id=execution.execution_id,
            plan=plan,
            input=stimulus.input,
            command=goal.command or str(plan.get("command") or ""),
            priority=execution.priority,
            deadline=_deadline(turn, execution),
            options=msgspec.structs.replace(execution.options, confirm_plan=confirm),
            planning=stimulus.planning,
            changes=stimulus.changes,
        ),
        program,
    )


def _deadline(turn: Turn, execution: ExecutionState) -> float | None:
    """Return the deadline of the goal; in a pause its time stands still."""
    for timer, left in execution.stopped_timers:
        if timer.kind == "deadline":
            return turn.now + left
    return execution.deadline


def _fail(turn: Turn, execution: ExecutionState, kind: ErrorType, code: str, message: str) -> None:
    error = ErrorInfo(type=kind, code=code, message=message, recoverable=False)
    fail_unstarted(turn, execution, error)
