"""One orchestrator, two robots in one world: actions that ask for any free one."""

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
from ament_index_python.packages import get_package_share_directory

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.launched import alone

SHARE = Path(get_package_share_directory("execution_orchestrator"))


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone("multi_robot.launch.py", fleet="true", real_time_factor="4.0")


def go(robot, x, y):
    parameters = {"target_location": {"x": x, "y": y}}
    return {"id": robot, "robot": robot, "action_type": "navigate_to", "parameters": parameters}


def plan(*actions):
    return json.dumps({"version": 1, "actions": actions})


class TestFleet(unittest.TestCase):
    def test_any_is_the_robot_that_stands_nearest(self):
        # The first stands 2.6 m off, the second 0.7 m; each tells its place on a tf of its own.
        document = plan(go("any", x=0.3, y=2.6))
        # Each goes to where it stands, so that its server and its place are known to the node.
        first = plan(go("robot1", x=0.0, y=0.0), go("robot2", x=0.0, y=2.0))
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            for wanted in (first, document):
                session = client.send(plan=wanted)
                assert session.done.wait(120.0), "no result in time"
                result = session.result
                assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert {use.resource for use in result.resource_usage if use.type == "robot"} == {"robot2"}
        [action] = result.actions
        # Whether it arrived is looked at on the same tf.
        assert json.loads(action.output)["position_error"] < 0.35

    def test_two_drives_at_once_are_done_by_two_robots(self):
        document = (SHARE / "plans" / "two_robots.yaml").read_text()
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=document)
            assert session.done.wait(120.0), "no result in time"
            result = session.result
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        used = {}
        for use in result.resource_usage:
            if use.type == "robot":
                used.setdefault(use.action_id, set()).add(use.resource)
        assert used["fetch"] | used["patrol"] == {"robot1", "robot2"}
        assert used["deliver"] == used["fetch"]
        times = {a.action_id: (a.started, a.ended) for a in result.actions}

        def seconds(stamp):
            return stamp.sec + stamp.nanosec / 1e9

        # At the same time, not one after the other.
        assert seconds(times["patrol"][0]) < seconds(times["fetch"][1])
        assert seconds(times["fetch"][0]) < seconds(times["patrol"][1])
