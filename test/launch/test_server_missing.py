"""No robot at all: the goal fails with the name of the missing server, and the node stays."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.actions
import launch_testing.markers
import pytest
import yaml
from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import ListExecutions
from launch import LaunchDescription

SHARE = Path(get_package_share_directory("execution_orchestrator"))
IMPATIENT = {
    "version": 1,
    "tables": {
        "default": [
            {
                "errors": ["CONNECTIVITY"],
                "strategies": [{"strategy": "wait_for_server", "settings": {"timeout": 1.0}}],
            }
        ]
    },
}


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    folder = Path(tempfile.mkdtemp(prefix="orchestrator_test_"))
    recovery = folder / "recovery.yaml"
    recovery.write_text(yaml.safe_dump(IMPATIENT))
    parameters = {"server_timeout": 1.0, "recovery_file": str(recovery), "web_port": 0}
    params_file = folder / "parameters.yaml"
    params_file.write_text(yaml.safe_dump({"/**": {"ros__parameters": parameters}}))
    orchestrator = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(SHARE / "launch" / "orchestrator.launch.py")),
        launch_arguments={
            "params_file": str(params_file),
            "state_directory": str(folder / "state"),
        }.items(),
    )
    return LaunchDescription([orchestrator, launch_testing.actions.ReadyToTest()])


class TestServerMissing(unittest.TestCase):
    def test_the_error_names_the_server_and_the_node_stays(self):
        spin = {"id": "turn", "action_type": "spin", "parameters": {"angle": 1.0}}
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=json.dumps({"version": 1, "actions": [spin]}))
            assert session.done.wait(120.0)
            result = session.result
            strategies = [recovery.strategy for recovery in client.recoveries]
            assert client.call("list_executions", ListExecutions).success
        assert result.status.value == ExecutionStatus.FAILED
        [action] = result.actions
        assert action.error.code == "SERVER_UNAVAILABLE"
        assert "spin" in action.error.message
        assert "wait_for_server" in strategies
