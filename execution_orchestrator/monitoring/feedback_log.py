"""The feedback of goals over time, which is not journalled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.storage.journal import JournalEntry

GOALS = 500  # the newest goals with feedback
POINTS = 100  # of each goal


class FeedbackPoint(NamedTuple):
    """One moment of a goal: execution time, share that is done, phase, seconds left."""

    time: float
    progress: float | None
    phase: str
    remaining: float | None


@dataclass(slots=True)
class _Course:
    points: list[FeedbackPoint] = field(default_factory=list)
    gap: float = 0.0  # least seconds between two points of a phase

    def add(self, point: FeedbackPoint) -> None:
        """Add the newest point; of a long goal every other one goes when there are too many."""
        points = self.points
        if (
            len(points) > 1
            and points[-2].phase == points[-1].phase == point.phase
            and point.time - points[-2].time < self.gap
        ):
            points[-1] = point
            return
        points.append(point)
        if len(points) > POINTS:
            self.gap = 2 * (point.time - points[0].time) / POINTS
            self.points = [*points[:-1:2], point]


class FeedbackLog:
    """An observer that keeps the course of the newest goals; may be asked from any thread."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._courses: dict[str, _Course] = {}

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Ignore events: the journal has them."""

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Keep how far a goal has come."""
        course = self._courses.get(feedback.goal_id)
        if course is None:
            if len(self._courses) >= GOALS:
                del self._courses[next(iter(self._courses))]
            course = self._courses[feedback.goal_id] = _Course()
        course.add(
            FeedbackPoint(self._now(), feedback.progress, feedback.phase, feedback.remaining)
        )

    def of(self, goal_id: str) -> list[FeedbackPoint]:
        """Return the feedback of a goal, oldest first; nothing if it is too long ago."""
        course = self._courses.get(goal_id)
        return list(course.points) if course is not None else []
