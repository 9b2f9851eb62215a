"""Another plan for an execution that cannot go on: what is achieved is kept."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.program import Node, Program, ProgramError, compile_program
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.engine.stimuli import ReplanFinished
from execution_orchestrator.engine.turn import Turn


def on_replan_finished(turn: Turn, stimulus: ReplanFinished) -> None:
    """Go on with another plan, or end if there is none."""
    execution = turn.state.executions.get(stimulus.execution_id)
    if execution is None or not execution.replan_run or execution.replan_run != stimulus.run_id:
        return
    reason = stimulus.reason or "the planner has no other plan"
    if stimulus.plan is not None:
        try:
            program = compile_program(stimulus.plan)
        except ProgramError as failure:
            reason = str(failure)
        else:
            turn.emit(
                e.ExecutionReplanned(
                    time=turn.now,
                    execution_id=execution.execution_id,
                    run_id=stimulus.run_id,
                    plan=stimulus.plan,
                    kept=_kept(execution, program),
                )
            )
            return
    _failed(turn, execution, reason)


def _failed(turn: Turn, execution: ExecutionState, reason: str) -> None:
    turn.emit(
        e.ReplanFailed(
            time=turn.now,
            execution_id=execution.execution_id,
            run_id=execution.replan_run,
            reason=reason,
        )
    )


def unanswered(turn: Turn, execution_id: str) -> None:
    """End the wait for a planner that takes too long."""
    execution = turn.state.executions.get(execution_id)
    if execution is not None and execution.replan_run:
        _failed(turn, execution, "the planner did not answer in time")


def _kept(execution: ExecutionState, program: Program) -> tuple[str, ...]:
    """Return the achieved actions that the new plan has, too, unchanged."""
    nodes: dict[str, Node] = {}
    stack = list(program.root.children())
    while stack:
        node = stack.pop()
        if node.scope is program.root:
            nodes[node.id] = node
        stack.extend(node.children())
    kept = []
    for key, action_type, _, _ in execution.done:
        found = nodes.get(key)
        if found is None or found.action_type != action_type or found.kind != "capability":
            continue
        before = execution.actions.get(key)
        if before is not None and before.node.parameters == found.parameters:
            kept.append(key)
    return tuple(dict.fromkeys(kept))
