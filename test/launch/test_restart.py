"""kill -9 of the orchestrator: a drive goes on, and what the gripper holds is not forgotten."""

import json
import os
import signal
import sys
import tempfile
import time
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
from launch.actions import RegisterEventHandler
from launch.event_handlers import OnProcessStart

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from launch import LaunchDescription
from test.launched import included

DRIVE = {
    "id": "go",
    "action_type": "navigate_to",
    "parameters": {"target_location": {"x": 4.0, "y": 2.0}},
}
PLAN = json.dumps({"version": 1, "actions": [DRIVE]})


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    pids = {"orchestrator": [], "sim_move_group": []}  # of each one's lives, in their order

    def note(event, _context):
        for word in event.cmd[:2]:
            if Path(word).name in pids:
                pids[Path(word).name].append(event.pid)

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


def until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def outcome(client, *actions, **more):
    session = client.send(plan=json.dumps({"version": 1, "actions": list(actions)}), **more)
    assert session.done.wait(120.0), "no result in time"
    return session.result


class TestRestart(unittest.TestCase):
    def test_1_the_drive_goes_on_under_the_same_goal(self, pids):
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            client.send(plan=PLAN, execution_id="errand")
            until(lambda: running(client.state, "errand"), 60.0, "the drive never began")
            [goal] = {
                bytes(bytearray(a.goal_id.uuid)) for e in client.state.executions for a in e.actions
            }
            first_life = client.state.instance_id
            os.kill(pids["orchestrator"][0], signal.SIGKILL)
            until(lambda: client.state.instance_id != first_life, 60.0, "it did not come back")
        assert len(pids["orchestrator"]) == 2
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=PLAN, execution_id="errand")
            assert session.done.wait(120.0), "no result in time"
            result = session.result
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert result.actions[0].attempt == 1
        assert bytes(bytearray(result.actions[0].goal_id.uuid)) == goal

    def test_2_what_the_gripper_holds_survives_the_node_and_move_group(self, pids):
        look = {
            "id": "look",
            "action_type": "detect_objects",
            "parameters": {"classes": ["red_cup"]},
        }
        pick = {"action_type": "pick_up_object", "parameters": {"object_id": "red_cup"}}
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            picked = outcome(client, look, pick)
            assert picked.status.value == ExecutionStatus.COMPLETED, picked.message
            first_life = client.state.instance_id
            lives = len(pids["sim_move_group"])
            for name in ("orchestrator", "sim_move_group"):
                os.kill(pids[name][-1], signal.SIGKILL)
            until(lambda: client.state.instance_id != first_life, 60.0, "it did not come back")
            until(lambda: len(pids["sim_move_group"]) > lives, 60.0, "move_group did not")
        pose = {"x": 4.6, "y": 2.1, "z": 0.8}
        place = {"action_type": "place_object", "parameters": {"pose": pose}}
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            placed = outcome(client, place, {**look, "id": "again"})
        assert placed.status.value == ExecutionStatus.COMPLETED, placed.message
        by_type = {action.action_type: json.loads(action.output) for action in placed.actions}
        assert by_type["place_object"]["object_id"] == "red_cup"
        [cup] = by_type["detect_objects"]["objects"]
        assert abs(cup["pose"]["y"] - 2.1) < 0.05, cup
