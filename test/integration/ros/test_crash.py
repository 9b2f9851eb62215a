"""kill -9 of the node at many moments of a plan: it goes on, and no server sees a goal twice."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections import Counter

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import LONG, wait_for

SERVERS = ("work", "left_work", "right_work")
MOMENTS = 20
pytestmark = pytest.mark.timeout(360)


def twelve_actions():
    """Chains and forks over three servers; the milliseconds of each action are its name."""
    kinds = [SERVERS[number % 3] for number in range(12)]
    actions = [
        {
            "id": f"a{number}",
            "action_type": kind,
            "parameters": {"milliseconds": 60 + number},
            "depends_on": [f"a{number - 3}"] if number >= 3 else [],
        }
        for number, kind in enumerate(kinds)
    ]
    return json.dumps({"version": 1, "ordering": "dependencies", "actions": actions})


def written(world):
    return [line for name in SERVERS for line in world.lines(name) if line[0] != "up"]


def journalled(world):
    """Return the types of the events in the node's journal."""
    file = world.folder / "state" / "journal.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        return {kind for (kind,) in database.execute("SELECT type FROM event")}


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_node_goes_on_and_does_nothing_twice(world, moment):
    for name in SERVERS:
        world.server(name, remember=300)
    # A machine that is busy with other things may take longer than rcl's ten seconds to be back.
    node = world.node(server_memory=300.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=twelve_actions(), execution_id="errand")
        # Three lines are written for each of the twelve: asked, began, ended.
        wait_for(lambda: len(written(world)) > moment * 34 // MOMENTS, 60.0, "the moment")
        node.kill()
        successor = world.node(server_memory=300.0)
        # The graph still has the dead node for a while; a goal sent now could go to nobody.
        wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=twelve_actions(), execution_id="errand")
        assert again.done.wait(60.0), f"no result; accepted: {again.accepted}"
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    for what in ("asked", "began", "ended"):
        counts = Counter(line[2] for line in written(world) if line[0] == what)
        assert counts == {str(60 + number): 1 for number in range(12)}, what
    identities = [line[1] for line in written(world) if line[0] == "began"]
    assert len(set(identities)) == 12


def test_a_client_that_outlives_the_node_learns_how_to_follow_its_execution(world):
    world.server("work")
    node = world.node()
    work = {"action_type": "work", "parameters": {"milliseconds": LONG}}
    plan = json.dumps({"version": 1, "actions": [work]})
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan, execution_id="errand")
        wait_for(lambda: "TASK_ACCEPTED" in journalled(world), 30.0, "the acceptance")
        node.kill()
        world.node()
        assert session.done.wait(90.0)
        assert session.result is None
        assert 'execution_id errand and same_id "attach"' in session.failure
        again = client.send(plan=plan, execution_id="errand", same_id="attach")
        assert again.answered.wait(30.0)
        world.finish("work")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    assert [line[0] for line in world.lines("work")].count("began") == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_a_goal_that_may_have_been_done_while_the_node_was_away_is_not_done_again(world, restarted):
    server = world.server("work", remember=1)
    node = world.node()
    plan = json.dumps(
        {"version": 1, "actions": [{"action_type": "work", "parameters": {"milliseconds": 500}}]}
    )
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=plan, execution_id="errand")
        # A goal that the node does not know to be accepted may be sent again within ten seconds:
        # servers remember that long unless they are told otherwise, as this one is.
        wait_for(lambda: "TASK_ACCEPTED" in journalled(world), 30.0, "the acceptance")
        node.kill()
    wait_for(lambda: world.lines("work")[-1][0] == "ended", 30.0, "the end of the work")
    if restarted:
        server.kill()
        world.server("work", remember=1)
    else:
        time.sleep(3.0)  # the server has forgotten the result; its status topic still tells the end
    successor = world.node()
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=plan, execution_id="errand")
        assert again.done.wait(60.0)
    (action,) = again.result.actions
    if restarted:
        assert again.result.status.value == ExecutionStatus.FAILED
        assert action.error.code == "GOAL_OUTCOME_UNKNOWN"
    else:
        assert again.result.status.value == ExecutionStatus.COMPLETED
        assert "work has forgotten its result" in action.reason
    assert sum(line[0] == "began" for line in world.lines("work")) == 1
