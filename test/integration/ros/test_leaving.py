"""A node that leaves its goals on the robot, and finds them again."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import wait_for

pytestmark = pytest.mark.timeout(120)


def test_goals_that_are_left_run_on_and_are_adopted(world):
    world.server("work")
    plan = json.dumps(
        {"version": 1, "actions": [{"action_type": "work", "parameters": {"milliseconds": 8000}}]}
    )
    node = world.node(leave_goals_on_shutdown=True)
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        client.send(plan=plan, execution_id="errand")
        wait_for(lambda: world.lines("work")[-1][0] == "began", 10.0, "the start")
        assert node.stop() == 0
    successor = world.node()
    wait_for(lambda: "ready for goals" in successor.said().split("stopping")[-1], 40.0, "restart")
    with OrchestratorClient() as client:
        client.wait_ready(40.0)
        again = client.send(plan=plan, execution_id="errand")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    assert [line[0] for line in world.lines("work")] == ["up", "asked", "began", "ended"]
