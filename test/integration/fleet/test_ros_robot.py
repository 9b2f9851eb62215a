"""A robot of the fleet over its real orchestrator: what is given back, begun after all, asked, and stopped."""

from __future__ import annotations

import asyncio

import pytest

from execution_orchestrator.fleet.agent import HandedBackError, RefusedError, Watch
from execution_orchestrator.fleet.orders import Control, Heartbeat, TaskOrder
from execution_orchestrator.fleet.ros_robot import RobotSettings, RosRobot
from execution_orchestrator.srv import EmergencyStop, ResetEmergencyStop
from test.integration.ros.processes import World

pytestmark = pytest.mark.timeout(150)
WORK = {"id": "a", "action_type": "work", "parameters": {"milliseconds": 300}}
ORDER = TaskOrder("mission-1", "t", "mission-1-t", plan={"actions": [WORK]})
ASKING = TaskOrder(
    "mission-1",
    "u",
    "mission-1-u",
    plan={
        "signals": {"door": {"type": "string"}},
        "actions": [
            {**WORK, "id": "asked", "require_confirmation": True},
            {"id": "wait", "action_type": "wait_for_signal", "signal": "door"},
            {"id": "end", "action_type": "return", "value": "{{ actions.wait.output }}"},
        ],
    },
)


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, made.env[name])
    yield made
    made.close()


async def ran(robot, answer, order=ORDER):
    async def claim():
        return answer

    return await robot.run(order, Watch(claim, Heartbeat(robot.name, order.execution_id)))


async def until(robot, condition):
    while not condition():
        await robot.changed(0.5)


async def asked_about(robot, request):
    """Ask until the plan has come to where it wants to be asked."""
    while True:
        try:
            return await robot.control(request)
        except RefusedError:
            await robot.changed(0.5)


async def test_a_robot_does_what_it_is_asked_once_and_what_its_plan_asks_is_answered(world):
    world.server("work", remember=60)
    world.node()
    settings = RobotSettings(report_url="http://127.0.0.1:8765")
    made = RosRobot("r1", "/execution_orchestrator", settings)
    async with asyncio.timeout(120.0), made as robot:
        await until(robot, lambda: not robot.unable)
        assert "work" in robot.offer.capabilities
        with pytest.raises(HandedBackError):
            await ran(robot, "no")
        assert not [line for line in world.lines("work") if line[0] == "began"]
        outcome = await ran(robot, "begin")
        assert outcome.status == "COMPLETED", outcome
        assert outcome.report.endswith("/api/executions/mission-1-t/report.html")
        assert (await ran(robot, "begin")).status == "COMPLETED"  # its answer got lost: told again
        assert [line[0] for line in world.lines("work")].count("began") == 1
        assert not robot.busy
        assert await robot.control(Control(ORDER.execution_id, "cancel")) == ""

        # Words that its planner does not understand: nothing is begun, and it says why.
        words = TaskOrder("mission-1", "w", "mission-1-w", command="play the violin")
        outcome = await ran(robot, "it is not asked whether it may begin", words)
        assert outcome.status == "FAILED"
        assert outcome.error

        asking = asyncio.create_task(ran(robot, "begin", ASKING))
        name = ASKING.execution_id
        await asked_about(robot, Control(name, "confirm", "go"))
        await asked_about(robot, Control(name, "signal", name="door", value="north"))
        assert (await asking).output == "north"
        with pytest.raises(RefusedError):
            await robot.control(Control(name, "confirm"))

        await robot._call("emergency_stop", EmergencyStop, reason="a person in the way")
        await until(robot, lambda: robot.unable == "emergency stop: a person in the way")
        await robot._call("reset_emergency_stop", ResetEmergencyStop, operator_name="tester")
        await until(robot, lambda: not robot.unable)
