"""A server that fails once: the orchestrator recovers and the errand ends well."""

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

NO_VALID_PATH = 208


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0", fault=f"navigation:abort:{NO_VALID_PATH}:1")


class TestRecovery(unittest.TestCase):
    def test_costmaps_are_cleared_and_the_drive_succeeds(self):
        action = {
            "id": "go",
            "action_type": "navigate_to",
            "parameters": {"target_location": {"x": 4.0, "y": 2.0}},
        }
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=json.dumps({"version": 1, "actions": [action]}))
            assert session.done.wait(120.0)
            result = session.result
            strategies = [recovery.strategy for recovery in client.recoveries]
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert result.actions[0].attempt == 2
        assert "clear_costmaps" in strategies
