"""People and crashes that come at the worst moment: just when something is undone, tidied, replanned.

Acts at random instants hardly ever meet those moments, which are short.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from test.simulation.plans import MOVING
from test.simulation.servers import Later

# Last figure but one of the seeds in which this happens: none of a seed that once failed.
SHARES = frozenset((3, 5, 7))
BLOCKS = ("finally", "compensation", "catch", "fallback", "recovery_plan")
MOMENTS = (
    e.ReplanRequested, e.RecoveryMoves, e.RecoveryStopRequested, e.TaskCancelRequested, e.GoalQuarantined,
    e.PlanningStarted, e.CheckpointRestored, e.ExecutionReplanned, e.GuardFailed, e.ConfirmationRequested,
    e.CompensationStarted, e.TaskRetryScheduled, e.ExecutionPaused, e.PlanAmended,
)  # fmt: skip
RATE = 0.08
RATE_OF_GOALS = 0.04
RATE_OF_BLOCKS = 0.3  # these come once in a run, if at all
MOST = 8  # acts in one run


def is_aimed(seed: int) -> bool:
    """Say whether the acts of a seed are aimed."""
    return seed // 10 % 10 in SHARES


class Aimed:
    """Acts shortly after an event that begins something delicate."""

    def __init__(
        self, draw: Random, later: Later, act: Callable[[s.Input], None], crash: Callable[[], None]
    ) -> None:
        self._draw = draw
        self._later = later
        self._act = act
        self._crash = crash
        self._left = MOST

    def look(self, event: e.Event) -> None:
        """Take an event, and perhaps let somebody act on the execution that it is of."""
        rate = RATE if isinstance(event, MOMENTS) else 0.0
        if isinstance(event, e.TaskStarted | e.TaskAccepted):
            rate = RATE_OF_GOALS
        if isinstance(event, e.BlockEntered) and event.block.startswith(BLOCKS):
            rate = RATE_OF_BLOCKS
        if isinstance(event, e.RecoveryInitiated) and event.strategy in MOVING:
            rate = RATE_OF_BLOCKS  # just before it moves
        if not rate or not self._left or self._draw.random() >= rate:
            return
        self._left -= 1
        delay = self._draw.choice((0.0, 0.05, 0.6, 2.0))
        name = event.execution_id
        kind = self._draw.choice(("pause", "cancel", "cancel twice", "stop", "crash", "restore"))
        if kind == "crash":
            self._later(delay, self._crash)
        elif kind == "stop":
            self._say(delay, s.EmergencyStop(reason="aimed"))
            self._say(delay + 6.0, s.ResetEmergencyStop())
        elif kind == "restore":
            self._say(delay, s.CheckpointRequested(execution_id=name))
            self._say(delay + 1.0, s.RestoreCheckpoint(execution_id=name))
        elif name and kind == "pause":
            self._say(delay, s.Pause(execution_id=name))
            self._say(delay + self._draw.choice((0.5, 5.0, 20.0)), s.Resume(execution_id=name))
        elif name:
            self._say(delay, s.Cancel(execution_id=name, compensate=True))
            if kind == "cancel twice":
                self._say(delay + 1.0, s.Cancel(execution_id=name))

    def _say(self, delay: float, command: s.Input) -> None:
        self._later(delay, lambda: self._act(command))
