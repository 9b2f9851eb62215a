"""A machine under test, driven by hand: what was wished for, and answers to it."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.machine import Machine, Step
from execution_orchestrator.engine.state import ActionState, ExecutionState
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.observation.fold import record_of
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from test.snapshot import snapshot

ARM = {"arm": ResourceSpec(name="arm"), "base": ResourceSpec(name="base")}


def action(name: str, *after: str, kind: str = "work", **more: Any) -> dict[str, Any]:
    """Return a resolved action."""
    return {"id": name, "action_type": kind, "depends_on": list(after), **more}


def plan(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a resolved plan."""
    return {"version": 1, "actions": list(actions), **more}


def error(kind: str = "EXECUTION", *, recoverable: bool = True) -> ErrorInfo:
    """Return an error of a server."""
    return ErrorInfo(
        type=ErrorType(kind), code=f"{kind}_X", message="it broke", recoverable=recoverable
    )


class Rig:
    """Keeps the clock, the journal and what is on the servers."""

    def __init__(self, **config: Any) -> None:
        config.setdefault("checkpoint_every", 0)
        self.machine = Machine(EngineConfig(**config))
        self.now = 1000.0
        self.world: dict[str, Any] = {"robot": {"battery": 1.0}, "objects": []}
        self.journal: list[e.Event] = []
        self.effects: list[fx.Effect] = []
        self.goals: dict[str, fx.Dispatch] = {}
        self.sent: list[str] = []
        self.timers: dict[str, float] = {}
        self.by_wall: set[str] = set()  # those whose moments are of the wall clock

    def feed(self, incoming: s.Input) -> Step:
        """Hand an input in."""
        step = self.machine.handle(incoming, now=self.now, world=self.world)
        self.take(step)
        return step

    def take(self, step: Step) -> None:
        """Note what came out."""
        self.journal += step.events
        self.effects = step.effects
        for effect in step.effects:
            if isinstance(effect, fx.Dispatch) and not isinstance(effect, fx.Reattach):
                self.goals[effect.key] = effect
                self.sent.append(effect.key)
            elif isinstance(effect, fx.SetTimer):
                self.timers[effect.timer_id] = effect.at
                (self.by_wall.add if effect.wall else self.by_wall.discard)(effect.timer_id)
            elif isinstance(effect, fx.ClearTimer):
                self.timers.pop(effect.timer_id, None)

    def submit(self, name: str, *actions: dict[str, Any], **more: Any) -> Step:
        """Start an execution."""
        return self.feed(s.Submit(execution_id=name, plan=plan(*actions), **more))

    def goal(self, key: str) -> str:
        """Return the id of the goal that was sent last for an action."""
        return self.goals[key].goal_id

    def succeed(self, key: str, **output: Any) -> Step:
        """Let a goal be reached."""
        self.feed(s.GoalAccepted(goal_id=self.goal(key)))
        return self.feed(s.GoalSucceeded(goal_id=self.goal(key), output=output))

    def fail(self, key: str, kind: str = "EXECUTION", *, recoverable: bool = True) -> Step:
        """Let a goal be aborted."""
        self.feed(s.GoalAccepted(goal_id=self.goal(key)))
        return self.feed(
            s.GoalFailed(goal_id=self.goal(key), error=error(kind, recoverable=recoverable))
        )

    def wait(self, seconds: float) -> None:
        """Let time pass; timers that are due fire in order."""
        end = self.now + seconds
        while self.timers:
            name = min(self.timers, key=self._due)
            at = self._due(name)
            if at > end:
                break
            del self.timers[name]
            self.now = max(self.now, at)
            self.feed(s.TimerFired(timer_id=name))
        self.now = end

    def _due(self, timer: str) -> float:
        set_by = self.world.get(WALL_OFFSET, 0.0) if timer in self.by_wall else 0.0
        return self.timers[timer] - set_by

    def restart(self) -> Step:
        """Let the process die, and a new one read the journal."""
        self.machine = Machine(self.machine.config, fold(self.journal))
        self.timers.clear()
        step = self.machine.resume(now=self.now, world=self.world)
        self.take(step)
        return step

    def execution(self, name: str = "e") -> ExecutionState:
        """Return an execution."""
        return self.machine.state.executions[name]

    def action(self, key: str, name: str = "e") -> ActionState:
        """Return an action."""
        return self.execution(name).actions[key]

    def record(self, name: str = "e") -> ExecutionRecord:
        """Return what displays show of an execution."""
        return record_of(name, (event for event in self.journal if event.execution_id == name))

    def types(self) -> list[str]:
        """Return the types of all events so far."""
        return [e.event_type(event) for event in self.journal]

    def of(self, kind: type[fx.Effect]) -> list[Any]:
        """Return the effects of a kind that came out last."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def check(self) -> None:
        """Check that the journal gives the same state."""
        assert snapshot(fold(self.journal)) == snapshot(self.machine.state)
