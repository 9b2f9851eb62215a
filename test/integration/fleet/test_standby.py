"""Two orchestrators over one journal in PostgreSQL: the one that waits takes over from the one that dies."""

from __future__ import annotations

import sys
import time
from collections import Counter

import pytest

from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.missions import Missions
from execution_orchestrator.fleet.validation import read_mission
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test import temporal
from test.integration.ros.processes import LONG, ROOT, World, wait_for
from test.postgres import running_server, why_not

pytestmark = pytest.mark.timeout(150)
TAKEOVER = 5.0  # seconds


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, made.env[name])
    yield made
    made.close()


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "PostgreSQL is there")
def test_two_standbys_take_over_one_after_the_other_and_who_is_cut_off_does_nothing_more(world):
    """The first loses its session with PostgreSQL and lives on; the second one is killed."""
    world.server("work", remember=60)
    psycopg = pytest.importorskip("psycopg")
    actions = ", ".join(
        f"{{id: {name}, action_type: work, parameters: {{milliseconds: {length}}}}}"
        for name, length in (("a", 20000), ("b", 501))
    )

    def taken_over(often):
        def said():
            return cut_off.said().count("this one takes over") >= often

        return said

    with running_server() as socket, OrchestratorClient() as client:
        url = f"postgresql+psycopg://tester@/postgres?host={socket}"

        def node(name):
            return world.node(
                database_url=url, standby=True, state_directory=f"'{world.folder / name}'"
            )

        cut_off = node("one")
        client.wait_ready(90.0)
        second = node("two")
        waits = "standby: another orchestrator uses"
        wait_for(lambda: waits in second.said(), 60.0, "the first standby")
        client.send(execution_id="long", plan=f"{{actions: [{actions}]}}")
        wait_for(lambda: any(line[0] == "began" for line in world.lines("work")), 30.0, "the goal")
        with psycopg.connect(f"host={socket} user=tester dbname=postgres") as own:
            own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND granted"
            )
        wait_for(taken_over(1), 30.0, "the takeover from the one that is cut off")
        node("three")
        wait_for(lambda: second.said().count(waits) >= 2, 60.0, "the second standby")
        second.kill()
        wait_for(taken_over(2), 30.0, "the takeover from the one that was killed")
        assert cut_off.running

        def ended():
            return Counter(line[2] for line in world.lines("work") if line[0] == "ended")

        wait_for(lambda: ended()["501"], 90.0, "the end")
        began = Counter(line[2] for line in world.lines("work") if line[0] == "began")
        assert began == ended() == {"20000": 1, "501": 1}


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "PostgreSQL is there")
def test_a_standby_takes_over_within_five_seconds_and_the_goal_goes_on(world):
    world.server("work", remember=60)
    with running_server() as socket, OrchestratorClient() as client:
        url = f"postgresql+psycopg://tester@/postgres?host={socket}"

        def node(name):
            folder = world.folder / name
            return world.node(database_url=url, standby=True, state_directory=f"'{folder}'")

        active = node("one")
        client.wait_ready(90.0)
        standby = node("two")
        wait_for(lambda: "standby: another orchestrator uses" in standby.said(), 60.0, "the wait")
        first = client.state.instance_id
        session = client.send(
            execution_id="long",
            plan="{actions: [{id: a, action_type: work, parameters: {milliseconds: 9000}}]}",
        )
        wait_for(lambda: any(line[0] == "began" for line in world.lines("work")), 30.0, "the goal")
        assert session.accepted
        died = time.monotonic()
        active.kill()
        wait_for(lambda: client.state.instance_id != first, 30.0, "the takeover")
        took = time.monotonic() - died
        assert took < TAKEOVER, f"the takeover took {took:.1f} s"
        again = client.send(
            execution_id="long",
            plan="{actions: [{id: a, action_type: work, parameters: {milliseconds: 9000}}]}",
        )
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
        done = [line[0] for line in world.lines("work")]
        assert done.count("began") == done.count("ended") == 1
        assert standby.running


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "PostgreSQL is there")
async def test_a_mission_goes_on_with_the_standby_and_nothing_is_done_twice(world):
    world.server("work", remember=600)

    def did(what):
        return Counter(line[2] for line in world.lines("work") if line[0] == what)

    def work(name, milliseconds, more=""):
        action = f"{{id: w, action_type: work, parameters: {{milliseconds: {milliseconds}}}}}"
        return f"{{id: {name}, plan: {{actions: [{action}]}}{more}}}"

    with running_server() as socket, temporal.running() as server:
        url = f"postgresql+psycopg://tester@/postgres?host={socket}"

        def node(name):
            folder = world.folder / name
            return world.node(database_url=url, standby=True, state_directory=f"'{folder}'")

        agent = [sys.executable, str(ROOT / "scripts" / "fleet_agent"), "--ros-args"]
        for key, value in (("robot", "r1"), ("temporal", server.address)):
            agent += ["-p", f"{key}:={value}"]
        world._start(agent, "agent.out")
        active = node("one")
        missions = Missions(await Connection(address=server.address).wait())
        tasks = f"{work('a', LONG)}, {work('b', 501, ', depends_on: [a]')}"
        read = read_mission(f"{{name: m, tasks: [{tasks}]}}", now=time.time())
        mission = await missions.submit(read.mission)
        wait_for(lambda: did("began"), 90.0, "the first task")
        standby = node("two")
        wait_for(lambda: "standby: another orchestrator uses" in standby.said(), 60.0, "the wait")
        active.kill()
        wait_for(lambda: "this one takes over" in standby.said(), 30.0, "the takeover")
        world.finish("work")
        state = await missions.result(mission)
        assert state.status == "COMPLETED", state
        assert did("began") == did("ended") == {str(LONG): 1, "501": 1}
