"""What the shell needs of the world, and what plugs into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from execution_orchestrator.engine.effects import (
    Dispatch,
    HoldGoal,
    Prepare,
    Reattach,
    Replan,
    RunStrategy,
    StopBelow,
)
from execution_orchestrator.engine.inputs import (
    GoalProgress,
    Input,
    PlanningReport,
    PreparationFinished,
)
from execution_orchestrator.engine.recovery.strategies import StrategyResult
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.storage.journal import JournalEntry

Report = Callable[[Input], None]


class Driver(Protocol):
    """Sends goals. ``report`` may be called from any thread."""

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Send a goal and report what becomes of it."""

    def reattach(self, effect: Reattach, report: Report) -> None:
        """Find a goal that an earlier process sent, and report what becomes of it."""

    def cancel(self, goal_id: str) -> None:
        """Ask for a cancel; if the goal is not accepted yet, it is cancelled once it is."""

    def stop_below(self, effect: StopBelow) -> None:
        """Cancel all that the servers of what a goal moves do, until the goal has ended."""

    def hold(self, effect: HoldGoal, report: Report) -> None:
        """Ask a goal's server to hold it or to go on; report it if the server does not."""


class SafeStop(Protocol):
    """Stops the robot, and keeps it stopped."""

    def engage(self, reason: str) -> None:
        """Stop everything that moves, at once; called again while it is engaged, do it again."""

    def release(self) -> None:
        """Let it move again."""


class Strategy(Protocol):
    """A recovery strategy."""

    @property
    def name(self) -> str:
        """Name in config/recovery.yaml."""

    async def run(self, effect: RunStrategy) -> StrategyResult:
        """Run the strategy; returns how the engine is to continue."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """Another resolved plan, or None and the reason; ``confirm``: a person has to agree first."""

    plan: Mapping[str, Any] | None
    reason: str = ""
    confirm: bool = False
    planning: PlanningReport | None = None
    changes: tuple[PlanChange, ...] = ()


class Planner(Protocol):
    """Finds the plan of a goal, and another one for an execution that cannot go on."""

    async def make(self, effect: Prepare) -> PreparationFinished:
        """Return a plan that can run, or what is wrong; cancelled if it is no longer needed."""

    async def replan(self, effect: Replan) -> Replanned:
        """Return a resolved plan, or the reason why there is none; cancelled if it is too late."""


class WorldModel(Protocol):
    """The live state: ``{"robot": {...}, "objects": [...]}``."""

    def snapshot(self) -> Mapping[str, Any]:
        """Return an immutable picture of this moment."""


class Observer(Protocol):
    """Is handed every batch of events once they are durable; must return quickly."""

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events."""

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Handle feedback of a goal; it is not in the journal."""
