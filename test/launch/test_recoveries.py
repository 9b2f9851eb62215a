"""The recovery strategies of config/recovery.yaml against what really goes wrong on the robot."""

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

import launch_testing.markers
import pytest
import rclpy
import yaml
from ament_index_python.packages import get_package_share_directory
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.launched import alone

SHARE = Path(get_package_share_directory("execution_orchestrator"))
STUCK = 105  # FollowPath: FAILED_TO_MAKE_PROGRESS
PLANNING_FAILED = -1
# Those of the engine itself have no robot to be tested on.
ENGINE = {"retry", "retry_longer_timeout", "replan", "requeue", "skip", "abort"}
# Plain retries come first where the table says so; there are few, so that the rest has its turn.
TRIES = {"max_attempts": 2, "initial_delay": 0.1}
BY_THE_TABLE = {"x": 4.0, "y": 2.0, "yaw": 0.0}


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="10.0", params_file=patient())


def patient():
    """Return a file of the shipped parameters, with more time for a server to be started anew.

    Until the successor tells that it does not know the goal, one that died with it is only silent.
    """
    shipped = (SHARE / "config" / "orchestrator.yaml").read_text()
    file = Path(tempfile.mkdtemp(prefix="orchestrator_test_")) / "orchestrator.yaml"
    file.write_text(shipped.replace("liveness_timeout: 4.0", "liveness_timeout: 30.0"))
    return str(file)


def do(action_type, **parameters):
    return {"action_type": action_type, "parameters": parameters, "retry": TRIES}


class TestRecoveries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seen = set()
        cls.context = rclpy.Context()
        rclpy.init(context=cls.context)
        cls.addClassCleanup(cls.context.try_shutdown)
        cls.node = rclpy.create_node("saboteur", context=cls.context)
        cls.addClassCleanup(cls.node.destroy_node)
        cls.executor = rclpy.executors.SingleThreadedExecutor(context=cls.context)
        cls.addClassCleanup(cls.executor.shutdown)
        cls.executor.add_node(cls.node)
        cls.client = cls.enterClassContext(OrchestratorClient())
        cls.client.wait_ready(90.0)

    def sabotage(self, server, action, code, count, mode="abort"):
        """Let the next goals of an action end with an error code, or the server."""
        values = {
            "fault.mode": mode,
            "fault.action": action,
            "fault.error_code": code,
            "fault.count": count,
        }
        caller = self.node.create_client(
            SetParametersAtomically, f"/sim_{server}/set_parameters_atomically"
        )
        assert caller.wait_for_service(30.0)
        request = SetParametersAtomically.Request(
            parameters=[Parameter(name, value=v).to_parameter_msg() for name, v in values.items()]
        )
        # An answer is lost where the server has not found the caller yet: then it is asked again.
        for _ in range(4):
            answer = caller.call_async(request)
            self.executor.spin_until_future_complete(answer, 10.0)
            if answer.done():
                break
        assert answer.result().result.successful, answer.result().result.reason

    def recoveries_of(self, *actions, status=ExecutionStatus.COMPLETED):
        """Run a plan to this end and return the strategies that were tried."""
        self.client.recoveries.clear()
        plan = {"version": 1, "ordering": "sequence", "actions": list(actions)}
        session = self.client.send(plan=json.dumps(plan))
        assert session.done.wait(120.0), "no result in time"
        tried = [recovery.strategy for recovery in self.client.recoveries]
        result = session.result
        assert result.status.value == status, (result.message, tried)
        self.seen.update(tried)
        return tried

    def test_1_a_base_that_is_stuck_backs_up_and_turns(self):
        self.sabotage("navigation", "navigate_to_pose", STUCK, 3)
        go = do("navigate_to", target_location={"x": 1.0, "y": 0.0})
        tried = self.recoveries_of(go)
        order = list(dict.fromkeys(tried))
        assert order[:3] == ["clear_costmaps", "back_up", "spin"]

    def test_2_an_occupied_goal_is_replaced_by_one_beside_it(self):
        place = {"target_location": {"x": 4.4, "y": 2.0}, "tolerance": 0.8}
        tried = self.recoveries_of(do("navigate_to", **place))
        assert "alternative_goal" in tried

    def test_3_another_planner_plans_for_the_arm(self):
        self.sabotage("move_group", "move_action", PLANNING_FAILED, 2)
        tried = self.recoveries_of(do("move_arm", named_state="ready"))
        assert "alternative_planner" in tried

    def test_4_the_camera_looks_again_from_another_angle(self):
        aside = do("navigate_to", target_location={**BY_THE_TABLE, "yaw": -0.75})
        table = {"x": 4.65, "y": 2.15, "z": 0.85, "width": 0.15, "height": 0.15, "depth": 0.2}
        tried = self.recoveries_of(aside, do("detect_objects", classes=["red_cup"], roi=table))
        assert "look_again" in tried

    def test_5_a_grasp_that_missed_is_tried_from_other_sides(self):
        beside = {"x": 4.65, "y": 2.27, "z": 0.8}  # nothing stands there
        pick = do("pick_up_object", object_id="nothing", pose=beside)
        near = do("navigate_to", target_location=BY_THE_TABLE)
        tried = self.recoveries_of(near, pick, status=ExecutionStatus.FAILED)
        assert {"reopen_gripper", "alternative_grasp"} <= set(tried)

    def test_6_what_is_out_of_reach_is_picked_from_another_place(self):
        far = do("navigate_to", target_location={"x": 3.3, "y": 1.0, "yaw": 0.0})
        cup = {"x": 4.65, "y": 2.15, "z": 0.8}
        tried = self.recoveries_of(far, do("pick_up_object", object_id="red_cup", pose=cup))
        assert "reposition_base" in tried

    def test_7_what_is_held_is_told_to_a_move_group_that_was_started_anew(self):
        look = do("detect_objects", classes=["red_cup"])
        cup = {"x": 4.65, "y": 2.15, "z": 0.8}
        self.recoveries_of(
            do("place_object", pose=cup), look, do("pick_up_object", object_id="red_cup")
        )
        self.sabotage("move_group", "move_action", 0, 1, mode="die")
        tried = self.recoveries_of(do("place_object", object_id="red_cup", pose=cup))
        assert "wait_for_server" in tried

    def test_8_no_strategy_of_the_shipped_tables_is_untested(self):
        tables = yaml.safe_load((SHARE / "config" / "recovery.yaml").read_text())["tables"]
        shipped = {
            entry if isinstance(entry, str) else entry["strategy"]
            for rules in tables.values()
            for rule in rules
            for entry in rule["strategies"]
        }
        assert shipped - ENGINE <= self.seen
