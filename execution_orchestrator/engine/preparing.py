"""From an accepted goal to a plan that can run; the execution exists all the while.

It is listed, can be paused, cancelled and stopped, and its goal is in the journal as it came. An
answer to an execution that has ended meanwhile is thrown away.
"""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.effects import AbandonPreparation, Prepare
from execution_orchestrator.engine.ending import fail_unstarted
from execution_orchestrator.engine.intake import line_up, may_come_in
from execution_orchestrator.engine.program import ProgramError, compile_program
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.engine.stimuli import PreparationFinished, Request, Submit
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.issues import Issue, Severity


def on_request(turn: Turn, stimulus: Request) -> None:
    """Take a goal in and have its plan made, attach to an execution of its id, or refuse."""
    turn.ids = (stimulus.execution_id,)
    if stimulus.execution_id in turn.state.executions:
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
