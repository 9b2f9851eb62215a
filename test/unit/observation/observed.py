"""A machine under test with the read model beside it."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.engine.machine import Step
from execution_orchestrator.observation import ActionRecord, ExecutionRecord, Observation
from execution_orchestrator.observation.progress import Progress, progress_of
from test.unit.engine.driving import Rig


class Observed(Rig):
    """Every event of the machine is observed, too; what displays show is compared with it."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self.observation = Observation()

    def take(self, step: Step) -> None:
        """Note what came out."""
        super().take(step)
        for event in step.events:
            self.observation.apply(event)
        for execution in self.machine.state.executions.values():
            assert self.shown(execution.execution_id).status is execution.status

    def says(self, key: str, progress: float, phase: str, remaining: float | None) -> None:
        """Let the server of a goal say how far it is."""
        self.observation.on_feedback(
            GoalProgress(
                goal_id=self.goal(key), progress=progress, phase=phase, remaining=remaining
            )
        )

    def shown(self, name: str = "e") -> ExecutionRecord:
        """Return what displays know of an execution."""
        return self.observation.executions[name]

    def shown_action(self, key: str, name: str = "e") -> ActionRecord:
        """Return what displays know of an action."""
        return self.shown(name).actions[key]

    def progress(self, name: str = "e") -> Progress:
        """Return how far an execution is now."""
        return progress_of(self.shown(name), self.now)
