"""What people and clocks do at the worst moment, besides what they ask of one execution.

As ``aimed`` it begins just after an event; here several things come together: a pause, an emergency
stop and its reset in any order, a clock that is set while a goal is in quarantine, another plan
while one is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from execution_orchestrator.engine import events as e
from test.simulation.servers import Later

MOMENTS = (
    e.GoalQuarantined, e.QuarantineEnded, e.CompensationStarted, e.TaskHeld, e.ExecutionPaused, e.ExecutionResumed,
    e.EmergencyStopped, e.EmergencyStopReset, e.GuardFailed, e.ExecutionRequested, e.ExecutionReplanned,
    e.RecoveryMoves, e.RecoveryStopRequested, e.ExecutionDue, e.ScheduleFired, e.TaskRequeued,
)  # fmt: skip
MOST = 6  # acts in one run
DELAYS = (0.0, 0.003, 0.3, 3.0)


class Mischief:
    """Lets one of some acts happen shortly after an event that begins something delicate."""

    def __init__(
        self, draw: Random, later: Later, acts: Mapping[str, Callable[[str], None]]
    ) -> None:
        self._draw = draw
        self._later = later
        self._acts = acts
        self._rate = draw.choice((0.0, 0.05, 0.2))
        self._left = MOST

    def look(self, event: e.Event) -> None:
        """Take an event, and perhaps begin an act on the execution that it is of."""
        if not self._left or not isinstance(event, MOMENTS) or self._draw.random() >= self._rate:
            return
        self._left -= 1
        act = self._acts[self._draw.choice(sorted(self._acts))]
        name = event.execution_id or getattr(event, "owner", "")
        self._later(self._draw.choice(DELAYS), lambda: act(name))
