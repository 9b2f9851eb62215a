"""kill -9 of the node at many moments of a plan: it goes on, and no server sees a goal twice."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import wait_for

SERVERS = ("work", "left_work", "right_work")
MOMENTS = 20
pytestmark = pytest.mark.timeout(300)


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


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_node_goes_on_and_does_nothing_twice(world, moment):
    for name in SERVERS:
        # A machine that is busy with other things may take longer than rcl's ten seconds to be back.
        world.server(name, remember=300)
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        client.send(plan=twelve_actions(), execution_id="errand")
        # Three lines are written for each of the twelve: asked, began, ended.
        wait_for(lambda: len(written(world)) > moment * 34 // MOMENTS, 60.0, "the moment")
        node.kill()
        successor = world.node()
        # The graph still has the dead node for a while; a goal sent now could go to nobody.
        wait_for(lambda: successor.said().count("ready for goals") == 2, 40.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        again = client.send(plan=twelve_actions(), execution_id="errand")
        assert again.done.wait(60.0), f"no result; accepted: {again.accepted}"
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    for what in ("asked", "began", "ended"):
        counts = Counter(line[2] for line in written(world) if line[0] == what)
        assert counts == {str(60 + number): 1 for number in range(12)}, what
    identities = [line[1] for line in written(world) if line[0] == "began"]
    assert len(set(identities)) == 12


def test_a_goal_that_may_have_been_done_while_the_node_was_away_is_not_done_again(world):
    world.server("work", remember=1)
    node = world.node()
    plan = json.dumps(
        {"version": 1, "actions": [{"action_type": "work", "parameters": {"milliseconds": 500}}]}
    )
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        client.send(plan=plan, execution_id="errand")
        wait_for(lambda: world.lines("work")[-1][0] == "began", 30.0, "the start")
        node.kill()
    wait_for(lambda: world.lines("work")[-1][0] == "ended", 10.0, "the end of the work")
    time.sleep(3.0)  # the server has forgotten the result
    successor = world.node()
    wait_for(lambda: successor.said().count("ready for goals") == 2, 40.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        again = client.send(plan=plan, execution_id="errand")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.FAILED
        assert again.result.actions[0].error.code == "GOAL_OUTCOME_UNKNOWN"
    assert sum(line[0] == "began" for line in world.lines("work")) == 1
