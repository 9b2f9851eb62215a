"""A server whose process dies while its goal runs: it is noticed, waited for, and asked again."""

import json
import os
import sys
import unittest
from pathlib import Path

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.markers
import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.launched import alone

MOVE_ARM = {"id": "ready", "action_type": "move_arm", "parameters": {"named_state": "ready"}}


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0", fault="move_group:die,gripper:reject")


class TestServerDies(unittest.TestCase):
    def test_the_goal_is_sent_again_to_the_server_that_came_back(self):
        grip = {"id": "grip", "action_type": "open_gripper"}
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            plan = {"version": 1, "actions": [MOVE_ARM, grip]}
            session = client.send(plan=json.dumps(plan))
            assert session.done.wait(150.0)
            result = session.result
            strategies = [recovery.strategy for recovery in client.recoveries]
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        by_id = {action.action_id: action for action in result.actions}
        assert by_id["ready"].attempt >= 2
        assert "wait_for_server" in strategies
        # The gripper rejected its first goal; that is an attempt of its own kind.
        assert by_id["grip"].attempt == 2
