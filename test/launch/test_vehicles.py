"""Every capability of the vehicle sets is done by the simulated vehicle, each by its kind."""

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
from launch_ros.actions import Node

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from launch import LaunchDescription
from test.launched import included

SHARE = Path(get_package_share_directory("execution_orchestrator"))


def on_the_ground(actions):
    for action in actions:
        for place in ("target", "center"):
            action["parameters"].get(place, {}).pop("z", None)


def do(action_type, **parameters):
    return {"action_type": action_type, "parameters": parameters, "on_failure": "continue"}


def capabilities_of(file):
    return set(yaml.safe_load((SHARE / "config" / file).read_text())["capabilities"])


AREA = [{"x": 0.4, "y": 0.5}, {"x": 1.8, "y": 0.5}, {"x": 1.8, "y": 3.0}, {"x": 0.4, "y": 3.0}]
HIGH = 5.0  # metres
ERRAND = (
    ("take_off", {"altitude": HIGH}),
    ("go_to", {"target": {"x": 1.0, "y": 1.0, "z": HIGH}}),
    ("hover", {"duration": 0.5}),
    ("orbit", {"center": {"x": 1.2, "y": 3.0, "z": HIGH}, "radius": 0.8}),
    ("scan_area", {"area": AREA, "lane_spacing": 0.7}),
    ("send_data", {"recipient": "base", "data": "12345"}),
    ("broadcast_status", {"status": {"mood": "good"}, "repetitions": 2, "period": 0.1}),
    ("land", {"target": {"x": 0.0, "y": -1.0}}),
    ("take_off", {"altitude": 2.0}),
    ("emergency_land", {"reason": "practice"}),
)
KINDS = ("aerial", "surface", "ground")


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    folder = Path(tempfile.mkdtemp(prefix="orchestrator_test_"))
    started = []
    for kind in KINDS:
        parameters = {"capability_files": [f"vehicles/{kind}.yaml"], "web_port": 0}
        params_file = folder / f"{kind}.yaml"
        params_file.write_text(yaml.safe_dump({"/**": {"ros__parameters": parameters}}))
        vehicle = {"kind": kind, "world": "warehouse", "real_time_factor": 10.0}
        started += [
            Node(
                package="execution_orchestrator",
                executable="sim_vehicle",
                namespace=kind,
                parameters=[vehicle],
            ),
            included(
                "orchestrator.launch.py",
                namespace=kind,
                params_file=str(params_file),
                state_directory=str(folder / kind),
            ),
        ]
    return LaunchDescription([*started, launch_testing.actions.ReadyToTest()])


class TestVehicles(unittest.TestCase):
    def test_each_set_is_done(self):
        for kind in KINDS:
            name = f"{kind}/execution_orchestrator"
            with self.subTest(kind), OrchestratorClient(name=name) as client:
                client.wait_ready(90.0)
                capabilities = capabilities_of(f"vehicles/{kind}.yaml")
                assert capabilities <= {action_type for action_type, _ in ERRAND}
                actions = [do(what, **how) for what, how in ERRAND if what in capabilities]
                if kind != "aerial":
                    on_the_ground(actions)
                plan = {"version": 1, "ordering": "sequence", "actions": actions}
                session = client.send(plan=json.dumps(plan))
                assert session.done.wait(120.0), "no result in time"
                result = session.result
                failed = {
                    action.action_id: (action.error.code, action.error.message)
                    for action in result.actions
                    if action.status.value != ActionStatus.SUCCEEDED
                }
                issues = [issue.message for issue in result.issues]
                assert not failed, failed
                assert result.status.value == ExecutionStatus.COMPLETED, (result.message, issues)
