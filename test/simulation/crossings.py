"""What crosses a moment by the clock, a stop, or our own goals.

An emergency stop, a pause, a crash or a journal that is lost just as a start or a firing is due; a disk
that is full in the middle of a stop; another orchestrator that takes the base whenever ours has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from test.simulation.servers import Later

STOPPING = (
    e.EmergencyStopped, e.ExecutionCancelRequested, e.TaskCancelRequested, e.RecoveryStopRequested,
    e.BlockAborted, e.CompensationStarted, e.GoalQuarantined,
)  # fmt: skip
MOST = 8  # of each kind in one run
LONGEST = 700.0  # seconds to a moment that is worth waiting for


@dataclass(frozen=True)
class Hands:
    """What can be done to the orchestrator and its surroundings."""

    later: Later
    act: Callable[[s.Input], None]
    reset: Callable[[], None]
    crash: Callable[[], None]
    fill_disk: Callable[[], None]  # with the next event
    take_over: Callable[[float], None]  # for some seconds
    wall: Callable[[], float]


class Crossings:
    """Looks at every event, and perhaps lets something cross what it begins or announces."""

    def __init__(self, draw: Random, hands: Hands) -> None:
        self._draw = draw
        self._hands = hands
        self._moments = draw.choice((0.0, 0.3))
        self._disks = draw.choice((0.0, 0.0, 0.1))
        self._rival = draw.choice((0.0, 0.0, 0.0, 0.7))  # how often it takes what we begin to use
        self._left = dict.fromkeys(("moment", "disk", "rival"), MOST)

    def look(self, event: e.Event) -> None:
        """Take an event."""
        moment = getattr(event, "start", None) or getattr(event, "next_moment", None)
        if moment is not None and self._happens("moment", self._moments):
            away = moment - self._hands.wall()
            if 0.0 < away < LONGEST:
                self._cross(event, away)
        if isinstance(event, STOPPING) and self._happens("disk", self._disks):
            self._hands.fill_disk()
        if isinstance(event, e.TaskStarted) and self._happens("rival", self._rival):
            seconds = self._draw.choice((0.5, 2.0, 8.0))
            delay = self._draw.choice((0.0, 0.3, 0.8))
            self._hands.later(delay, lambda: self._hands.take_over(seconds))

    def _happens(self, kind: str, rate: float) -> bool:
        if not self._left[kind] or self._draw.random() >= rate:
            return False
        self._left[kind] -= 1
        return True

    def _cross(self, event: e.Event, away: float) -> None:
        draw, hands = self._draw, self._hands
        begin = max(0.0, away - draw.choice((0.0, 0.1, 2.0)))
        end = away + draw.choice((0.0, 0.1, 2.0, 20.0))
        what = draw.choice(("stop", "stop", "pause", "crash", "disk"))
        if what == "stop":
            hands.later(begin, lambda: hands.act(s.EmergencyStop(reason="as it is due")))
            hands.later(end, hands.reset)
        elif what == "crash":
            hands.later(begin, hands.crash)
        elif what == "disk":
            hands.later(begin, hands.fill_disk)
        elif isinstance(event, e.SCHEDULING):
            name = event.schedule_id
            hands.later(begin, lambda: hands.act(s.PauseSchedule(schedule_id=name)))
            hands.later(end, lambda: hands.act(s.ResumeSchedule(schedule_id=name)))
        else:
            name = event.execution_id
            hands.later(begin, lambda: hands.act(s.Pause(execution_id=name)))
            hands.later(end, lambda: hands.act(s.Resume(execution_id=name)))
