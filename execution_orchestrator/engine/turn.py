"""One turn of the machine: the moment, the picture of the world, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypedDict

from msgspec import Struct

from execution_orchestrator.engine.apply import apply
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import Effect
from execution_orchestrator.engine.events import Event
from execution_orchestrator.engine.state import ActionState, ExecutionState, OrchestratorState
from execution_orchestrator.plan.expressions import NOW

WALL_OFFSET = "wall_offset"  # in a picture of the world: seconds, wall time minus execution time


class Step(Struct, frozen=True):
    """What the machine made of an input.

    ``refusal`` says in words why a request was refused, empty if it was; ``ids`` are the
    executions (or leases) it was about.
    """

    events: list[Event]
    effects: list[Effect]
    refusal: str = ""
    ids: tuple[str, ...] = ()


class OfExecution(TypedDict):
    """What every event of an execution says: when, and which one."""

    time: float
    execution_id: str


class OfAction(OfExecution):
    """What every event of an action says."""

    key: str


class OfAttempt(OfAction):
    """What every event of an attempt says."""

    attempt: int


class Turn:
    """Handed to every rule of the engine."""

    __slots__ = ("config", "effects", "events", "ids", "now", "refusal", "state", "wall", "world")

    def __init__(
        self,
        state: OrchestratorState,
        config: EngineConfig,
        now: float,
        world: Mapping[str, Any],
    ) -> None:
        self.state = state
        self.config = config
        self.now = now
        # What a wall clock showed at the moment of the decision, for people's times.
        self.wall = now + float(world.get(WALL_OFFSET, 0.0))
        self.world = {**world, NOW: partial(datetime.fromtimestamp, self.wall, tz=UTC)}
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.refusal = ""
        self.ids: tuple[str, ...] = ()

    def emit(self, event: Event) -> None:
        """Emit an event; the state changes at once."""
        apply(self.state, event)
        self.events.append(event)

    def execution(self, execution: ExecutionState) -> OfExecution:
        """Return the fields of an event of an execution."""
        return {"time": self.now, "execution_id": execution.execution_id}

    def action(self, action: ActionState) -> OfAction:
        """Return the fields of an event of an action."""
        return {**self.execution(action.execution), "key": action.key}

    def attempt(self, action: ActionState) -> OfAttempt:
        """Return the fields of an event of an action's present attempt."""
        return {**self.action(action), "attempt": action.attempt}

    def request(self, effect: Effect) -> None:
        """Ask the shell for something."""
        self.effects.append(effect)

    def refuse(self, reason: str) -> None:
        """Say why nothing is done."""
        self.refusal = reason
