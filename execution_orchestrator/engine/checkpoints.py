"""Checkpoints of an execution, and how it is restored to one."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.inputs import CheckpointRequested, RestoreCheckpoint
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.engine.status import CancelCause
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.counted import counted


def checkpoint_if_due(turn: Turn, execution: ExecutionState) -> None:
    """Make a checkpoint after every N completed actions."""
    every = execution.options.checkpoint_every
    every = turn.config.checkpoint_every if every is None else every
    if every and execution.completed_since_checkpoint >= every and not execution.cancel_cause:
        make_checkpoint(turn, execution, f"every {counted(every, 'action')}")


def make_checkpoint(turn: Turn, execution: ExecutionState, reason: str) -> str:
    """Record which actions have succeeded so far; returns the checkpoint's id."""
    checkpoint_id = f"{execution.execution_id}#{execution.sequence + 1}"
    turn.emit(
        e.CheckpointCreated(**turn.execution(execution), checkpoint_id=checkpoint_id, reason=reason)
    )
    return checkpoint_id


def on_requested(turn: Turn, incoming: CheckpointRequested) -> None:
    """Make a checkpoint because a client asked for it."""
    execution = turn.state.executions.get(incoming.execution_id)
    if execution is None or execution.is_final:
        turn.refuse(f"no unfinished execution is called {incoming.execution_id}")
        return
    if execution.goal is not None:
        turn.refuse("there is nothing to keep yet: its plan is being made")
        return
    turn.ids = (make_checkpoint(turn, execution, incoming.reason),)


def on_restore(turn: Turn, incoming: RestoreCheckpoint) -> None:
    """Restore a checkpoint: cancel running actions, then start again after those it has as done."""
    execution = turn.state.executions.get(incoming.execution_id)
    if execution is None:
        turn.refuse(f"no execution is called {incoming.execution_id}")
        return
    if turn.state.emergency:
        turn.refuse("the emergency stop is active; reset it first")
        return
    if execution.cancel_cause and not execution.is_final:
        turn.refuse(f"the execution is being stopped: {execution.cancel_reason}")
        return
    if not execution.started and not execution.is_final:
        # It would begin at once, before its time, its turn, or a person's word.
        turn.refuse("the execution has not begun yet: there is nothing to go back to")
        return
    name = incoming.checkpoint_id or next(reversed(execution.checkpoints), "")
    if name not in execution.checkpoints:
        known = ", ".join(execution.checkpoints) or "none"
        turn.refuse(f"no checkpoint is called {name or 'anything'}; there are: {known}")
        return
    others = [
        one.execution_id
        for one in turn.state.running.values()
        if execution.is_final and one.schedule_id and one.schedule_id == execution.schedule_id
    ]
    if others:
        turn.refuse(
            f"{others[0]} of the schedule {execution.schedule_id} runs, and those of a schedule "
            "run one after the other; wait for its end, or cancel it"
        )
        return
    most = turn.config.max_running_executions
    if execution.is_final and len(turn.state.running) >= most:
        turn.refuse(
            f"as many executions run as may (max_running_executions is {most}); wait for the end "
            "of one, or cancel it"
        )
        return
    turn.ids = (execution.execution_id,)
    if execution.is_final:
        deadline, until = _limits(turn, execution)
        turn.emit(
            e.CheckpointRestored(
                **turn.execution(execution), checkpoint_id=name, deadline=deadline, until=until
            )
        )
    else:
        request_restore(turn, execution, name, "a client asked to restore a checkpoint")


def _limits(turn: Turn, execution: ExecutionState) -> tuple[float | None, float | None]:
    """Return the deadline of a restored execution that had ended, and the moment it has to end by.

    The deadline leaves the time that was left at its end, or the whole time again if none was. A
    moment of the wall clock that has passed is no limit any more.
    """
    if not execution.follows(Logic.TAKEN_BACK_HAS_DEADLINE):
        return None, None
    moment = execution.until
    until = moment if moment is not None and moment > turn.wall else None
    if execution.deadline is None:
        return None, until
    runs_on = execution.program.deadline == "wall"
    left: float | None = execution.deadline - (turn.now if runs_on else execution.ended)
    if left is not None and left <= 0.0:
        whole = (execution.limit, execution.program.timeout)
        left = min((one for one in whole if one is not None), default=None)
    return (None if left is None else turn.now + left), until


def request_restore(turn: Turn, execution: ExecutionState, checkpoint_id: str, why: str) -> None:
    """Stop what runs; the execution is reset when the last goal has ended."""
    turn.emit(
        e.ExecutionCancelRequested(
            **turn.execution(execution),
            cause=CancelCause.RESTORE,
            reason=why,
            checkpoint_id=checkpoint_id,
        )
    )
