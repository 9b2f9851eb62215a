"""The read model beside the engine: what displays show is what the engine says, at every event."""

from __future__ import annotations

from collections import Counter

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.engine.state import ActionState, ExecutionState, OrchestratorState
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.record import DONE
from test.simulation.invariants import Violation

WAITING = DONE | {"PENDING"}
SINGLE = (e.TaskReady, e.TaskStarted, e.TaskAccepted, e.TaskCompleted, e.TaskWaiting)
AS_ONE = "displays show what the engine says"


class Displays:
    """Folds every event and compares the record with the engine's state."""

    def __init__(self, checked: Counter[str]) -> None:
        self._observation = Observation()
        self._checked = checked
        self._shown: dict[str, float] = {}

    def look(self, state: OrchestratorState, event: e.Event) -> None:
        """Take an event and check what it led to."""
        self._observation.apply(event)
        execution = state.executions.get(event.execution_id)
        record = self._observation.executions.get(event.execution_id)
        if execution is None or record is None:
            return
        self._checked[AS_ONE] += 1
        if record.status is not execution.status:
            raise Violation(
                f"{event.type}: {event.execution_id} is {execution.status}, shown {record.status}"
            )
        if type(event) in SINGLE:
            self._same(event, execution.actions[event.key], record)
        else:
            self._all(event, execution, record)
        self._progress(event, record)

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Take feedback of a goal."""
        self._observation.on_feedback(feedback)

    def _same(self, event: e.Event, action: ActionState, record: ExecutionRecord) -> None:
        shown = record.actions.get(action.key)
        if shown is None or shown.status != action.status or shown.attempt != action.attempt:
            told = "not shown" if shown is None else f"shown {shown.status} {shown.attempt}"
            raise Violation(
                f"{event.type} {event.key}: {action.key} is {action.status} {action.attempt}, {told}"
            )

    def _all(self, event: e.Event, execution: ExecutionState, record: ExecutionRecord) -> None:
        living = {action.key: action for action in execution.actions.values() if _lives(action)}
        for key, action in living.items():
            if key:
                self._same(event, action, record)
        for key, shown in record.actions.items():
            if key not in living and shown.status not in WAITING:
                raise Violation(f"{event.type}: {key} is shown {shown.status} and does not exist")

    def _progress(self, event: e.Event, record: ExecutionRecord) -> None:
        progress = progress_of(record, record.last_seen)
        before = self._shown.get(event.execution_id, 0.0)
        if isinstance(event, e.CheckpointRestored | e.ExecutionRequested):
            before = 0.0
        self._checked["progress never goes back"] += 1
        if progress.percentage < before:
            raise Violation(f"{event.type}: {progress.percentage} % after {before} %")
        if not 0 <= progress.percentage <= 100 or progress.completed > progress.total:
            raise Violation(f"{event.type}: {progress}")
        if not record.is_final:
            self._shown[event.execution_id] = progress.percentage


def _lives(action: ActionState) -> bool:
    """Whether an action belongs to the block that its parent runs now, or ran last."""
    parent = action.parent
    while parent is not None:
        if action.execution.actions.get(action.key) is not action:
            return False
        action, parent = parent, parent.parent
    return True
