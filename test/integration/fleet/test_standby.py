"""Two orchestrators over one journal in PostgreSQL: the one that waits takes over from the one that dies."""

from __future__ import annotations

import time

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import World, wait_for
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
def test_a_standby_takes_over_within_five_seconds_and_the_goal_goes_on(world):
    world.server("work", remember=60)
    with running_server() as socket, OrchestratorClient() as client:
        url = f"postgresql+psycopg://tester@/postgres?host={socket}"

        def node(name):
            folder = world.folder / name
            return world.node(database_url=url, standby=True, state_directory=f"'{folder}'")

        active = node("one")
        client.wait_ready(60.0)
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
