from itertools import pairwise

from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.monitoring import feedback_log
from execution_orchestrator.monitoring.feedback_log import FeedbackLog


class Course:
    """Feedback of a goal ten times a second, in virtual time."""

    def __init__(self):
        self.time = 100.0
        self.log = FeedbackLog(lambda: self.time)

    def tell(self, goal_id="g", **feedback):
        self.time += 0.1
        self.log.on_feedback(GoalProgress(goal_id=goal_id, **feedback))


def test_a_goal_has_the_course_that_its_server_told():
    course = Course()
    course.tell(progress=0.1, phase="planning")
    course.tell(progress=0.5, phase="driving", remaining=3.0)
    assert [told[1:] for told in course.log.of("g")] == [
        (0.1, "planning", None),
        (0.5, "driving", 3.0),
    ]
    assert course.log.of("another") == []


def test_of_a_long_goal_few_points_are_kept_from_its_beginning_to_its_end():
    course = Course()
    for number in range(36_000):
        course.tell(progress=number / 36_000)
    told = course.log.of("g")
    assert feedback_log.POINTS / 4 < len(told) <= feedback_log.POINTS
    assert told[0].time == 100.1
    assert told[-1].time == course.time
    gaps = [later.time - before.time for before, later in pairwise(told)]
    assert max(gaps) < 3600 / (feedback_log.POINTS / 5)


def test_a_new_phase_is_a_point_of_its_own():
    course = Course()
    for _ in range(2000):
        course.tell(phase="driving")
    course.tell(phase="docking")
    course.tell(phase="charging")
    assert [told.phase for told in course.log.of("g")][-2:] == ["docking", "charging"]


def test_only_the_newest_goals_are_kept():
    course = Course()
    for number in range(feedback_log.GOALS + 1):
        course.tell(f"g{number}", progress=0.5)
    assert course.log.of("g0") == []
    assert course.log.of("g1")
