"""Robots as they are: orchestrators, action servers and agents as processes, each in a domain of its own.

Nothing connects the robots but Temporal. What happened is counted by the action servers themselves.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.missions import Missions
from execution_orchestrator.fleet.validation import read_mission
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import EmergencyStop, ResetEmergencyStop
from test import temporal
from test.integration.fleet.robots import Robot
from test.integration.ros.processes import ROOT, wait_for

pytestmark = pytest.mark.timeout(280)


@pytest.fixture
def own_server() -> Iterator[temporal.Server]:
    """A server that a test may kill."""
    with temporal.running() as made:
        yield made


@pytest.fixture
def robots(own_server: temporal.Server, tmp_path: Path) -> Iterator[list[Robot]]:
    made: list[Robot] = []
    try:
        for name in ("r1", "r2"):
            made.append(Robot(name, tmp_path / name, own_server.address))
        yield made
    finally:
        for robot in made:
            print(robot.said())
            robot.world.close()


def work(milliseconds: str) -> str:
    return (
        "{actions: [{id: work, action_type: work, parameters: "
        f"{{milliseconds: {milliseconds}}}}}]}}"
    )


async def submitted(missions: Missions, document: str) -> str:
    read = read_mission(document, now=time.time())
    assert read.mission is not None, read.issues
    return await missions.submit(read.mission)


async def until_begun(robots: list[Robot], milliseconds: str) -> Robot:
    def began() -> list[Robot]:
        return [robot for robot in robots if robot.count("began")[milliseconds]]

    wait_for(began, 60.0, f"work of {milliseconds} ms")
    return began()[0]


async def test_whatever_is_killed_every_task_is_done_once(robots, own_server):
    client: Client = await Connection(address=own_server.address).wait()
    missions = Missions(client)
    times = [str(1500 + 10 * number) for number in range(8)]
    mission = await submitted(
        missions,
        f"""
        name: chaos
        tasks:
          - id: each
            for_each: [{", ".join(times)}]
            plan: {work('"{{ input.time }}"')}
            context: {{time: "{{{{ item }}}}"}}
        """,
    )
    chance = random.Random(7)
    first = await until_begun(robots, times[0])
    victims = [first.kill_agent, first.kill_node, robots[0].kill_node, robots[1].kill_agent]
    for kill in victims:
        await asyncio.sleep(chance.uniform(0.2, 1.2))
        kill()
    await asyncio.sleep(1.0)
    own_server.kill()
    await asyncio.sleep(1.0)
    own_server.start()
    state = await Missions(await Connection(address=own_server.address).wait()).result(mission)
    assert state.status == "COMPLETED", (state, [robot.said() for robot in robots])
    for what in ("began", "ended"):
        counted = robots[0].count(what) + robots[1].count(what)
        assert counted == dict.fromkeys(times, 1), (what, state.tasks)


async def test_a_cancelled_mission_ends_when_the_servers_have_said_so(robots, own_server):
    missions = Missions(await Connection(address=own_server.address).wait())
    mission = await submitted(
        missions, f"{{name: long, tasks: [{{id: t, plan: {work('50000')}}}]}}"
    )
    robot = await until_begun(robots, "50000")
    await missions.cancel(mission, "enough")
    state = await missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "enough")
    assert robot.count("cancelled") == {"50000": 1}

    # And with the agent dead: the robot's word is waited for.
    mission = await submitted(
        missions, f"{{name: long, tasks: [{{id: t, plan: {work('50001')}}}]}}"
    )
    robot = await until_begun(robots, "50001")
    robot.agent.kill()
    await missions.cancel(mission, "enough")
    robot.agent = robot.start_agent()
    state = await missions.result(mission)
    assert state.status == "CANCELLED"
    assert not state.tasks[0].unconfirmed
    assert robot.count("cancelled")["50001"] == 1


async def test_a_robot_in_emergency_stop_takes_nothing(robots, own_server, monkeypatch):
    stopped, other = robots
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, stopped.world.env[name])
    missions = Missions(await Connection(address=own_server.address).wait())
    with OrchestratorClient() as client:
        await asyncio.to_thread(client.wait_ready, 60.0)
        ask = partial(client.call, "emergency_stop", EmergencyStop, reason="smoke")
        assert (await asyncio.to_thread(ask)).success
        times = ["301", "302", "303"]
        for_any = await submitted(
            missions,
            f"""
            name: any
            tasks:
              - id: each
                for_each: [{", ".join(times)}]
                plan: {work('"{{ input.time }}"')}
                context: {{time: "{{{{ item }}}}"}}
            """,
        )
        assert (await missions.result(for_any)).status == "COMPLETED"
        assert other.count("ended") == dict.fromkeys(times, 1)
        own = await submitted(
            missions, f"{{name: own, tasks: [{{id: t, robot: r1, plan: {work('304')}}}]}}"
        )
        async with asyncio.timeout(60.0):
            async for shown in missions.follow(own):
                if "emergency stop: smoke" in getattr(shown.live.get("t"), "reason", ""):
                    break
        assert not stopped.count("began")
        reset = partial(client.call, "reset_emergency_stop", ResetEmergencyStop, operator_name="me")
        assert (await asyncio.to_thread(reset)).success
    assert (await missions.result(own)).status == "COMPLETED"
    assert stopped.count("ended") == {"304": 1}


async def test_show_follows_a_mission_while_the_server_goes_and_comes(robots, own_server):
    missions = Missions(await Connection(address=own_server.address).wait())
    mission = await submitted(
        missions, f"{{name: shown, tasks: [{{id: t, plan: {work('600000')}}}]}}"
    )
    await until_begun(robots, "600000")
    show = robots[0].world._start(
        [
            # As on a terminal, where it shows each change.
            *("env", "FORCE_COLOR=1", sys.executable, str(ROOT / "scripts" / "mission")),
            *("show", mission, "--temporal", own_server.address),
        ],
        "show.out",
    )
    wait_for(lambda: "EXECUTING" in show.said(), 60.0, "the mission in `show`")
    own_server.kill()
    wait_for(lambda: "does not answer" in show.said(), 90.0, "the word that it waits")
    own_server.start()
    for robot in robots:
        robot.world.finish("work")
    wait_for(lambda: not show.running, 90.0, "the end of `show`")
    assert "COMPLETED" in show.said()
    assert show.stop() == 0
    assert robots[0].count("ended") + robots[1].count("ended") == {"600000": 1}
