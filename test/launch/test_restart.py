"""kill -9 of the orchestrator in the middle of a drive: it comes back and the drive goes on."""

import json
import os
import random
import signal
import tempfile
import time
import unittest
from pathlib import Path

os.environ["ROS_DOMAIN_ID"] = str(random.randint(1, 200))
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.actions
import launch_testing.markers
import pytest
from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessStart
from launch.launch_description_sources import PythonLaunchDescriptionSource

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from launch import LaunchDescription

LAUNCH = Path(get_package_share_directory("execution_orchestrator")) / "launch"
DRIVE = {
    "id": "go",
    "action_type": "navigate_to",
    "parameters": {"target_location": {"x": 4.0, "y": 2.0}},
}
PLAN = json.dumps({"version": 1, "actions": [DRIVE]})


def included(name, **arguments):
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH / name)), launch_arguments=arguments.items()
    )


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    pids = []  # of the orchestrator's lives, in their order

    def note(event, _context):
        if any("orchestrator" in Path(word).name for word in event.cmd[:2]):
            pids.append(event.pid)

    description = LaunchDescription(
        [
            RegisterEventHandler(OnProcessStart(on_start=note)),
            included("simulation.launch.py", real_time_factor="2.0"),
            included(
                "orchestrator.launch.py",
                respawn="true",
                state_directory=tempfile.mkdtemp(prefix="orchestrator_test_"),
            ),
            launch_testing.actions.ReadyToTest(),
        ]
    )
    return description, {"pids": pids}


def running(state, execution_id):
    return any(
        action.status.value == ActionStatus.RUNNING
        for execution in (state.executions if state else [])
        if execution.execution_id == execution_id
        for action in execution.actions
    )


class TestRestart(unittest.TestCase):
    def test_the_drive_goes_on_under_the_same_goal(self, pids):
        with OrchestratorClient() as client:
            client.wait_ready(60.0)
            client.send(plan=PLAN, execution_id="errand")
            deadline = time.monotonic() + 30.0
            while not running(client.state, "errand"):
                assert time.monotonic() < deadline, "the drive never began"
                time.sleep(0.05)
            [goal] = {
                bytes(bytearray(a.goal_id.uuid)) for e in client.state.executions for a in e.actions
            }
            first_life = client.state.instance_id
            os.kill(pids[0], signal.SIGKILL)
            while client.state.instance_id == first_life:
                assert time.monotonic() < deadline + 60.0, "the node did not come back"
                time.sleep(0.05)
        assert len(pids) == 2
        with OrchestratorClient() as client:
            client.wait_ready(60.0)
            session = client.send(plan=PLAN, execution_id="errand")
            assert session.done.wait(90.0), "no result in time"
            result = session.result
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert result.actions[0].attempt == 1
        assert bytes(bytearray(result.actions[0].goal_id.uuid)) == goal
