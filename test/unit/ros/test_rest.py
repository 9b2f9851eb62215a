"""Goals that need a base at rest wait for it, and for nothing else."""

import asyncio
from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.ros.driver.rest import Rest
from execution_orchestrator.ros.stopping.standstill import Motion

CONFIG = Path(__file__).parents[3] / "config"
MODEL = load_robot([CONFIG / "capabilities.yaml"]).model


class Robot:
    def __init__(self):
        self.motion = Motion.MOVING
        self.running = []
        self.told = []
        self.rest = Rest(MODEL, lambda _: self.motion, lambda _: self.running)

    def wait(self, effect):
        self.rest.wait(
            effect, lambda: self.told.append("sent"), lambda: self.told.append("cancelled")
        )


def goal(capability):
    return Dispatch(
        execution_id="e",
        key="go",
        goal_id="g",
        capability=capability,
        parameters={},
        attempt=1,
        timeout=None,
    )


@pytest.mark.parametrize("capability", ["move_arm", "pick_up_object", "capture_image"])
def test_what_settles_for_the_base_waits_while_it_rolls(capability):
    robot = Robot()
    assert robot.rest.delays(goal(capability))
    for motion in (Motion.STANDING, Motion.UNKNOWN):
        robot.motion = motion
        assert not robot.rest.delays(goal(capability))


def test_a_drive_and_what_is_meant_to_be_done_while_driving_wait_for_nothing():
    robot = Robot()
    assert not robot.rest.delays(goal("navigate_to"))
    robot.running = ["navigate_to"]
    assert not robot.rest.delays(goal("capture_image"))


async def test_it_is_sent_when_the_base_stands():
    robot = Robot()
    robot.wait(goal("move_arm"))
    await asyncio.sleep(0.1)
    assert (robot.told, robot.rest.active) == ([], 1)
    robot.motion = Motion.STANDING
    await asyncio.sleep(0.15)
    assert (robot.told, robot.rest.active) == (["sent"], 0)


async def test_one_that_is_cancelled_is_never_sent():
    robot = Robot()
    robot.wait(goal("move_arm"))
    assert robot.rest.cancel("g")
    await asyncio.sleep(0.1)
    assert robot.told == ["cancelled"]
    assert not robot.rest.cancel("g")


async def test_the_wait_is_bounded_and_left_to_the_next_life(monkeypatch):
    monkeypatch.setattr("execution_orchestrator.ros.driver.rest.PATIENCE", 0.0)
    robot = Robot()
    robot.wait(goal("move_arm"))
    await asyncio.sleep(0.8)
    assert robot.told == ["sent"]
    robot.wait(goal("move_arm"))
    robot.rest.abandon()
    await asyncio.sleep(0.1)
    assert robot.told == ["sent"]


async def test_anything_else_can_be_waited_for():
    robot = Robot()
    known = []
    ways = [lambda: robot.told.append("sent"), lambda: robot.told.append("cancelled")]
    robot.rest.wait_until(lambda: bool(known), 5.0, goal("navigate_to"), *ways)
    await asyncio.sleep(0.1)
    assert robot.told == []
    known.append("frame")
    await asyncio.sleep(0.15)
    assert robot.told == ["sent"]
    robot.rest.wait_until(lambda: False, 0.1, goal("navigate_to"), *ways)
    await asyncio.sleep(0.3)
    assert robot.told == ["sent", "sent"]
