"""The progress of a relative motion, from odometry where that saw more than the feedback says."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import msgspec

from execution_orchestrator.engine.inputs import (
    GoalCancelled,
    GoalFailed,
    GoalLost,
    GoalProgress,
    Input,
)
from execution_orchestrator.plan.capability import ResumeSpec
from execution_orchestrator.ros.stopping.standstill import Motion, Travelled

REST = 1.5  # seconds that a robot may roll on after the end of its goal
PERIOD = 0.02  # seconds between two looks


class SeenMotion:
    """Watches one goal from the moment it is sent. Used on the loop's thread only.

    ``amount`` is what the goal asks for: radians or metres, negative for the other direction.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        resume: ResumeSpec,
        amount: float,
        *,
        travelled: Callable[[], Travelled | None],
        motion: Callable[[], Motion],
    ) -> None:
        self._loop = loop
        self._turns = resume.seen == "turn"
        self._amount = amount
        self._travelled = travelled
        self._motion = motion
        self._sent = False
        self._began: Travelled | None = None
        self._reported: float | None = None  # by the newest feedback

    def start(self) -> None:
        """Count from now on: the goal is sent."""
        self._sent, self._began = True, self._travelled()

    def report(self, incoming: Input, report: Callable[[Input], None]) -> None:
        """Report what happens to the goal, with how far it has come.

        Where odometry was not there at the start, as much is known as it saw since. An early end is
        reported when the robot does not roll on any more. A goal that is lost may still run, and
        what is to be done about that does not wait.
        """
        if self._sent and self._began is None:
            self._began = self._travelled()
        match incoming:
            case GoalProgress():
                if incoming.reached is not None:
                    self._reported = incoming.reached
                report(msgspec.structs.replace(incoming, reached=self._reached()))
            case GoalCancelled() | GoalFailed():
                end = self._loop.time() + (REST if self._seen() else 0.0)
                self._report_at_rest(incoming, report, end)
            case GoalLost():
                self._report_end(incoming, report)
            case _:
                report(incoming)

    def _report_at_rest(
        self, last: GoalCancelled | GoalFailed, report: Callable[[Input], None], end: float
    ) -> None:
        if self._motion() is Motion.MOVING and self._loop.time() < end:
            self._loop.call_later(PERIOD, self._report_at_rest, last, report, end)
        else:
            self._report_end(last, report)

    def _report_end(
        self, last: GoalCancelled | GoalFailed | GoalLost, report: Callable[[Input], None]
    ) -> None:
        # The last feedback said where it was then, odometry sees where it is now.
        if self._seen():
            report(GoalProgress(goal_id=last.goal_id, reached=self._reached()))
        report(last)

    def _reached(self) -> float | None:
        """Return how far it has come, by the newest feedback or by odometry; None: not known.

        Its sign is that of the feedback. Odometry that sees less than the feedback is ignored: the
        publisher may not fill in the pose.
        """
        seen, reported = self._seen(), self._reported
        if seen <= abs(reported or 0.0):
            return reported
        return math.copysign(seen, reported or (self._amount if self._turns else 1.0))

    def _seen(self) -> float:
        began, now = self._began, self._travelled()
        if began is None or now is None or began.breaks != now.breaks:
            return 0.0
        if self._turns:
            return max(0.0, (now.turned - began.turned) * math.copysign(1.0, self._amount))
        return math.dist(began.place, now.place)
