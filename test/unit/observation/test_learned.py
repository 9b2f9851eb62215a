"""Estimates that learn from runs of before."""

import pytest

from execution_orchestrator.engine import events as ev
from execution_orchestrator.observation import Observation
from execution_orchestrator.observation.learned import LEAST, LearnedDurations
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

PLAN = {
    "id": "p",
    "actions": [
        {"id": "go", "action_type": "navigate_to", "depends_on": []},
        {"id": "look", "action_type": "detect_objects", "depends_on": []},
    ],
}
ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="NO_VALID_PATH", message="blocked")


def run(observation, name, *, metres, seconds, look=1.0, fails=False, paused=False):
    """One run: it drives so far in so many seconds, and looks for a while."""
    start = 1000.0 * len(observation.executions)

    def tell(at, kind, key="", attempt=0, **fields):
        observation.apply(
            kind(time=start + at, execution_id=name, key=key, attempt=attempt, **fields)
        )

    tell(0, ev.ExecutionAccepted, plan=PLAN)
    tell(0, ev.TaskStarted, "go", 1, goal_id=f"{name}1")
    attempt = 1
    if fails:
        tell(0.5, ev.TaskAttemptFailed, "go", 1, outcome="aborted", error=ERROR)
        attempt = 2
        tell(0.5, ev.TaskStarted, "go", 2, goal_id=f"{name}2")
    if paused:
        tell(0.5, ev.ExecutionPaused, reason="")
        tell(0.6, ev.ExecutionResumed)
    tell(seconds, ev.TaskCompleted, "go", attempt, output={})
    path = ((start, 0.0, 0.0, 0.0), (start + seconds, metres, 0.0, 0.0))
    tell(seconds, ev.RobotTravelled, "go", attempt, path=path)
    tell(seconds, ev.TaskStarted, "look", 1, goal_id=f"{name}3")
    tell(seconds + look, ev.TaskCompleted, "look", 1, output={})
    tell(seconds + look, ev.ExecutionFinished, status="COMPLETED")


def test_nothing_is_said_before_there_are_enough_runs():
    observation = Observation()
    learned = LearnedDurations(observation)
    for number in range(LEAST - 1):
        run(observation, f"e{number}", metres=2.0, seconds=4.0)
        assert learned("navigate_to") is None
    run(observation, "last", metres=2.0, seconds=4.0)
    assert learned("navigate_to").usual == 4.0
    assert learned("speak") is None


def test_the_time_of_a_way_follows_its_length():
    observation = Observation()
    for number, metres in enumerate((1.0, 2.0, 4.0, 6.0, 8.0, 3.0)):
        run(observation, f"e{number}", metres=metres, seconds=1.5 + metres / 0.8)
    known = LearnedDurations(observation)("navigate_to")
    assert known.of_way(10.0) == pytest.approx(14.0, abs=0.01)
    assert (known.besides, known.runs) == (pytest.approx(1.5, abs=0.01), 6)


def test_a_few_strange_runs_change_nothing():
    observation = Observation()
    for number in range(9):
        run(observation, f"e{number}", metres=1.0 + number, seconds=2.0 * (1.0 + number))
    run(observation, "stuck", metres=1.0, seconds=90.0)
    assert LearnedDurations(observation)("navigate_to").of_way(5.0) == pytest.approx(10.0, abs=0.5)


def test_of_ways_as_long_as_each_other_nothing_is_known_of_others():
    observation = Observation()
    for number in range(6):
        run(observation, f"e{number}", metres=3.0 + 0.1 * number, seconds=5.0)
    known = LearnedDurations(observation)("navigate_to")
    assert (known.usual, known.per_metre) == (5.0, 0.0)


def test_what_failed_first_or_was_paused_says_nothing():
    observation = Observation()
    for number in range(6):
        run(observation, f"f{number}", metres=2.0, seconds=50.0, fails=True)
        run(observation, f"p{number}", metres=2.0, seconds=50.0, paused=True)
    assert LearnedDurations(observation)("navigate_to") is None
    assert LearnedDurations(observation)("detect_objects").usual == 1.0


def test_the_newest_runs_count():
    observation = Observation()
    learned = LearnedDurations(observation)
    for number in range(60):
        run(observation, f"e{number}", metres=2.0, seconds=4.0, look=10.0 if number < 30 else 2.0)
    assert learned("detect_objects").usual == 2.0
