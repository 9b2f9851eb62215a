"""A goal of several steps ends once, when what is under way for it has ended."""

import asyncio

import pytest

from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.inputs import GoalAccepted, GoalCancelled, GoalSucceeded
from execution_orchestrator.ros.driver.task_goals import TaskGoals

GOAL = Dispatch(
    execution_id="e",
    key="go",
    goal_id="g",
    capability="pick_up_object",
    parameters={},
    attempt=1,
    timeout=None,
)


class Deaf:
    """Work of a server that goes on when it is cancelled."""

    def __init__(self):
        self.over = asyncio.Event()

    async def work(self):
        try:
            await self.over.wait()
        except asyncio.CancelledError:
            await self.over.wait()
            raise
        return {"done": True}


class Running:
    """The deaf work as a goal, and what is reported of it."""

    def __init__(self):
        self.told = []
        self.server = Deaf()
        self.goals = TaskGoals(
            asyncio.get_running_loop(), lambda *_: None, lambda *_, **__: self.told.append("error")
        )
        self.goals.start(GOAL, self.server.work(), self.told.append, done=lambda: None)


ACCEPTED = GoalAccepted(goal_id="g")


@pytest.fixture
async def running():
    made = Running()
    await asyncio.sleep(0)
    yield made
    made.server.over.set()


async def test_a_goal_that_is_cancelled_again_has_not_ended_by_that(running):
    for _ in range(3):
        assert running.goals.cancel("g")
        await asyncio.sleep(0.01)
    assert running.told == [ACCEPTED]
    assert running.goals.follows("g")
    running.server.over.set()
    await asyncio.sleep(0.01)
    assert running.told == [ACCEPTED, GoalCancelled(goal_id="g")]


async def test_nothing_is_said_at_the_end_of_the_process_of_a_goal_that_does_not_end(running):
    running.goals.cancel("g")
    await asyncio.sleep(0.01)
    await running.goals.stop(0.1)
    assert running.told == [ACCEPTED]


async def test_what_ends_by_itself_was_done(running):
    running.server.over.set()
    await asyncio.sleep(0.01)
    assert running.told[-1] == GoalSucceeded(goal_id="g", output={"done": True})
