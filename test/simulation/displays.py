"""The read model beside the engine: what displays show is what the engine says, at every event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.engine.state import ActionState, ExecutionState, OrchestratorState
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.observation.fold import record_of
from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.record import DONE, plain
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
        self._released: dict[str, float] = {}
        self._quarantined: set[str] = set()

    def look(self, state: OrchestratorState, event: e.Event) -> None:
        """Take an event and check what it led to."""
        self._leases(event)
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

    def as_history(self, journal: Sequence[e.Event]) -> None:
        """Check that a report of the journal says what the displays of the live execution say."""
        for name, record in self._observation.executions.items():
            self._checked["a replayed record is the live one"] += 1
            replayed = record_of(name, (event for event in journal if event.execution_id == name))
            for lease in record.leases.values():
                released = self._released.get(lease.lease_id)
                if released != lease.released and lease.lease_id not in self._quarantined:
                    raise Violation(f"{lease} was released at {released}")
                if record.is_final and lease.released is None:
                    raise Violation(f"{lease} outlives its execution")
            difference = _difference(plain(record), plain(replayed), name)
            if difference:
                raise Violation(f"live and replayed, {difference}")

    def _leases(self, event: e.Event) -> None:
        """Note which leases are released, and which ones a goal in quarantine keeps."""
        if isinstance(event, e.ResourceReleased):
            self._released |= dict.fromkeys(event.lease_ids, event.time)
        elif isinstance(event, e.GoalQuarantined):
            self._quarantined.update(one.lease_id for one in event.leases)

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
        # Of a run that was given up, the end is the share of what succeeded.
        if progress.percentage < before and not record.is_final:
            raise Violation(f"{event.type}: {progress.percentage} % after {before} %")
        if not 0 <= progress.percentage <= 100 or progress.completed > progress.total:
            raise Violation(f"{event.type}: {progress}")
        if not record.is_final:
            self._shown[event.execution_id] = progress.percentage


def _difference(live: Any, replayed: Any, place: str) -> str:
    """Return the first place where two JSON values differ, '' if they are the same."""
    if isinstance(live, dict) and isinstance(replayed, dict) and live.keys() == replayed.keys():
        parts = (_difference(live[key], replayed[key], f"{place}.{key}") for key in live)
        return next(filter(None, parts), "")
    return "" if live == replayed else f"{place}: {live} and {replayed}"


def _lives(action: ActionState) -> bool:
    """Whether an action belongs to the block that its parent runs now, or ran last."""
    parent = action.parent
    while parent is not None:
        if action.execution.actions.get(action.key) is not action:
            return False
        action, parent = parent, parent.parent
    return True
