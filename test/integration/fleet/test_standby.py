"""Two orchestrators over one journal in PostgreSQL: the one that waits takes over from the one that dies."""

from __future__ import annotations

import time
from collections import Counter

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
        client.wait_ready(60.0)
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
