"""What becomes of a goal whose server died or fell silent, by what odometry and other servers say."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest

from execution_orchestrator.ros.stopping import Aftermath, CancelReport
from execution_orchestrator.ros.stopping.standstill import Motion, Seen

GOAL = uuid4()


class Robot:
    """A base and an arm with servers below them."""

    def __init__(self):
        self.cancelled = []
        self.working = {}
        self.motion = Motion.STANDING

    def moving(self, resources):
        return tuple(resources)

    async def cancel_all(self, resources):
        self.cancelled.append(resources)
        return CancelReport()

    def at_work(self, resources):
        return self.working

    def of(self, _robot, since):
        return Seen(self.motion, words=f"it is {self.motion}")


@pytest.fixture
def robot():
    return Robot()


def reports(robot, ask, resources, seconds=0.3):
    """What is told within a moment after ``ask`` of an aftermath."""

    async def told():
        heard = []
        after = Aftermath(robot, robot, asyncio.get_running_loop(), driven=["base"])
        getattr(after, ask)(str(GOAL), "", resources, "it died", heard.append)
        await asyncio.sleep(seconds)
        after.close()
        return [SimpleNamespace(may_run=one.may_run, stands=one.stands) for one in heard]

    return asyncio.run(told())


OVER = SimpleNamespace(may_run=False, stands=False)
MAY_RUN = SimpleNamespace(may_run=True, stands=False)


def test_a_base_that_stands_has_nothing_to_do_any_more(robot):
    assert reports(robot, "server_died", ["base"]) == [OVER]
    assert robot.cancelled == [("base",)]
    robot.motion = Motion.MOVING
    assert reports(robot, "server_died", ["base"]) == [MAY_RUN]


def test_the_base_says_nothing_of_an_arm(robot):
    """The controllers go on with what a planner that died sent them."""
    robot.working = {"/arm/follow_joint_trajectory": {b"other"}}
    assert reports(robot, "server_died", ["arm"]) == [MAY_RUN]
    robot.working = {}
    assert reports(robot, "server_died", ["arm"]) == [OVER]


def test_the_last_word_of_a_dead_server_on_its_own_goal_is_no_work(robot):
    robot.motion = Motion.UNKNOWN
    robot.working = {"/navigate_to_pose": {GOAL.bytes}}
    assert reports(robot, "server_died", ["base"]) == [OVER]
    robot.working = {"/follow_path": {b"other"}}
    assert reports(robot, "server_died", ["base"]) == [MAY_RUN]


def test_of_a_silent_server_it_is_told_whether_the_robot_stands(robot):
    assert reports(robot, "server_silent", ["base"]) == [SimpleNamespace(may_run=True, stands=True)]
    assert robot.cancelled == [("base",)]
    robot.motion = Motion.UNKNOWN
    assert reports(robot, "server_silent", ["base"]) == [MAY_RUN]
    robot.motion = Motion.MOVING
    assert reports(robot, "server_silent", ["base"]) == [], "it may come to rest in a moment"
    assert reports(robot, "server_silent", ["base"], seconds=2.5) == [MAY_RUN]
    assert reports(robot, "server_silent", ["arm"]) == [MAY_RUN]
