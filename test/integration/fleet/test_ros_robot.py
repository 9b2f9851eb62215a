"""A robot of the fleet over its real orchestrator: what is given back, begun after all, and stopped."""

from __future__ import annotations

import asyncio

import pytest

from execution_orchestrator.fleet.agent import HandedBackError, Watch
from execution_orchestrator.fleet.orders import Control, Heartbeat, TaskOrder
from execution_orchestrator.fleet.ros_robot import RobotSettings, RosRobot
from test.integration.ros.processes import World

pytestmark = pytest.mark.timeout(150)
ORDER = TaskOrder(
    "mission-1",
    "t",
    "mission-1-t",
    plan={"actions": [{"id": "a", "action_type": "work", "parameters": {"milliseconds": 300}}]},
)


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, made.env[name])
    yield made
    made.close()


async def ran(robot, answer):
    async def claim():
        return answer

    return await robot.run(ORDER, Watch(claim, Heartbeat(robot.name, ORDER.execution_id)))


async def test_what_was_given_back_may_come_again_and_is_done_once(world):
    world.server("work", remember=60)
    world.node()
    made = RosRobot("r1", "/execution_orchestrator", RobotSettings())
    async with asyncio.timeout(120.0), made as robot:
        while robot.unable:
            await robot.changed(0.5)
        assert "work" in robot.offer.capabilities
        with pytest.raises(HandedBackError):
            await ran(robot, "no")
        assert not [line for line in world.lines("work") if line[0] == "began"]
        outcome = await ran(robot, "begin")
        assert outcome.status == "COMPLETED", outcome
        assert (await ran(robot, "begin")).status == "COMPLETED"  # its answer got lost: told again
        assert [line[0] for line in world.lines("work")].count("began") == 1
        assert not robot.busy
        assert await robot.control(Control(ORDER.execution_id, "cancel")) == ""
