"""A time that is said: it sets a schedule once, and what the schedule begins is the errand itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.timing import GoalTimes
from execution_orchestrator.planning.selection import AsyncGrammarPlanner, Planners
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake, Prepared
from execution_orchestrator.runtime.planning import Planning

CONFIG = Path(__file__).parents[3] / "config"
ROBOT = load_robot([CONFIG / "capabilities.yaml"]).model


def prepared(command: str, *, fired: bool) -> Prepared:
    grammar = AsyncGrammarPlanner(Vocabulary.load(CONFIG / "places.yaml"))
    world = {"robot": {}, "objects": []}
    planning = Planning(Planners(grammar=grammar), Intake(ROBOT), lambda: world)
    return asyncio.run(planning.prepare(command, "", "", times=GoalTimes(fired=fired)))


@pytest.mark.parametrize(
    "command", ["every hour go to the kitchen", "go to the kitchen every monday and friday at 9:00"]
)
def test_what_a_schedule_begins_is_the_errand_and_sets_no_schedule_again(command: str) -> None:
    set_, begun = prepared(command, fired=False), prepared(command, fired=True)
    assert set_.timing.timetable is not None
    assert begun.timing.timetable is None
    assert begun.timing.start is None
    assert begun.plan is not None
    assert [action["id"] for action in begun.plan["actions"]] == ["go_to_kitchen"]


def test_a_day_and_a_time_that_are_said_are_a_moment_to_come() -> None:
    made = prepared("tomorrow at half past seven in the evening go to the kitchen", fired=False)
    assert made.plan is not None, made.issues
    assert made.timing.start is not None
