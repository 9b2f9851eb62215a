"""What becomes of an execution that the engine itself fails on."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.cancellation import request_cancel
from execution_orchestrator.engine.state import OrchestratorState
from execution_orchestrator.engine.stimuli import Fault, Stimulus
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType


def on_fault(turn: Turn, stimulus: Fault) -> None:
    """State it and stop the execution; its goals are cancelled, the others go on."""
    reason = f"the engine failed: {stimulus.reason}"
    turn.emit(e.EngineFault(time=turn.now, execution_id=stimulus.execution_id, reason=reason))
    execution = turn.state.executions.get(stimulus.execution_id)
    if execution is not None:
        request_cancel(
            turn,
            execution,
            "failure",
            reason,
            error=ErrorInfo(
                type=ErrorType.UNKNOWN, code="ENGINE_FAULT", message=reason, recoverable=False
            ),
        )


def execution_of(state: OrchestratorState, stimulus: Stimulus) -> str:
    """Return the id of the execution that a stimulus is about, empty if it is about none."""
    direct: str = getattr(stimulus, "execution_id", "")
    if direct:
        return direct
    goal = state.goals.get(getattr(stimulus, "goal_id", ""))
    run = state.runs.get(getattr(stimulus, "run_id", ""))
    timer = state.timers.get(getattr(stimulus, "timer_id", ""))
    action = goal or run
    if action is not None:
        return action.execution.execution_id
    return timer.execution_id if timer is not None else ""
