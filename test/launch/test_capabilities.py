"""Every capability of config/capabilities.yaml is done by the simulated robot, in one errand."""

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
import rclpy
import yaml
from ament_index_python.packages import get_package_share_directory
from std_msgs.msg import String

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.launched import alone

SHARE = Path(get_package_share_directory("execution_orchestrator"))


def do(action_type, **parameters):
    return {"action_type": action_type, "parameters": parameters, "on_failure": "continue"}


def capabilities_of(file):
    return set(yaml.safe_load((SHARE / "config" / file).read_text())["capabilities"])


CUP = {"x": 4.65, "y": 2.15, "z": 0.8}
ACTIONS = [
    do("speak", text="I begin"),
    do("spin", angle=0.8),
    do("drive_on_heading", distance=0.2, speed=0.2),
    do("back_up", distance=0.2, speed=0.2),
    do("wait", duration=0.5),
    do("navigate_through_poses", poses=["living_room", {"x": 2.2, "y": 0.3}]),
    do("follow_waypoints", poses=[{"x": 2.2, "y": 0.3}, {"x": 1.0, "y": 0.0}]),
    do("navigate_to", target_location={"x": 4.0, "y": 2.0, "yaw": 0.0}),
    do("detect_objects", classes=["red_cup"]),
    do("scan_environment", steps=3, pan_min=-0.4, pan_max=0.4),
    do("capture_image"),
    do("record_video", duration=1.0, frame_rate=4.0),
    do("record_audio", duration=0.5, sample_rate=8000),
    do("listen", timeout=60.0, expected=["yes"]),
    do("move_arm", named_state="ready"),
    do("close_gripper"),
    do("open_gripper"),
    do("pick_up_object", object_id="red_cup"),
    do("place_object", object_id="red_cup", pose={"x": 4.65, "y": 1.9, "z": 0.8}),
    do("dock", dock_id="dock"),
    do("undock"),
]


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0")


class TestCapabilities(unittest.TestCase):
    def test_1_every_capability_is_in_the_errand(self):
        assert {action["action_type"] for action in ACTIONS} == capabilities_of("capabilities.yaml")

    def test_2_the_robot_does_all_of_it(self):
        context = rclpy.Context()
        rclpy.init(context=context)
        person = rclpy.create_node("person", context=context)
        says = person.create_publisher(String, "speech/heard", 10)
        try:
            with OrchestratorClient() as client:
                client.wait_ready(90.0)
                plan = {"version": 1, "ordering": "sequence", "actions": ACTIONS}
                session = client.send(plan=json.dumps(plan))
                while not session.done.wait(0.5):
                    says.publish(String(data="Yes!"))
                result = session.result
        finally:
            person.destroy_node()
            context.try_shutdown()
        failed = {
            action.action_id: (action.error.code, action.error.message)
            for action in result.actions
            if action.status.value != ActionStatus.SUCCEEDED
        }
        assert not failed, failed
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        output = json.loads(result.output)
        assert output["listen_1"]["text"] == "yes"
        assert [found["id"] for found in output["detect_objects_1"]["objects"]] == ["red_cup"]
