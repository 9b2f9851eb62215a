"""The orchestrator and the simulated robot, started by their launch file, do errands."""

import json
import os
import sys
import time
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

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import GetExecution, Pause, Resume
from test.launched import alone

SHARE = Path(get_package_share_directory("execution_orchestrator"))


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0")


def plan(*actions):
    return json.dumps({"version": 1, "actions": list(actions)})


def drive(x, y, **more):
    return {
        "action_type": "navigate_to",
        "parameters": {"target_location": {"x": x, "y": y}},
        **more,
    }


class TestErrand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = cls.enterClassContext(OrchestratorClient())
        cls.client.wait_ready(90.0)

    def result(self, session, seconds=120.0):
        assert session.done.wait(seconds), "no result in time"
        assert session.failure == ""
        return session.result

    def until_running(self, execution_id, action_type, seconds=60.0):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.client.state
            for execution in state.executions if state else []:
                if execution.execution_id == execution_id and any(
                    action.action_type == action_type
                    and action.status.value == ActionStatus.RUNNING
                    for action in execution.actions
                ):
                    return
            time.sleep(0.05)
        self.fail(f"{action_type} of {execution_id} never ran")

    def test_1_the_red_cup_is_fetched(self):
        document = (SHARE / "plans" / "fetch_red_cup.yaml").read_text()
        result = self.result(self.client.send(plan=document))
        assert result.status.value == ExecutionStatus.COMPLETED, result.message

    def test_2_a_drive_is_cancelled(self):
        session = self.client.send(plan=plan(drive(4.0, 2.0)), execution_id="to_cancel")
        self.until_running("to_cancel", "navigate_to")
        session.cancel()
        assert self.result(session).status.value == ExecutionStatus.CANCELLED

    def test_3_a_drive_is_paused_and_resumed(self):
        session = self.client.send(plan=plan(drive(4.0, 2.0)), execution_id="to_pause")
        self.until_running("to_pause", "navigate_to")
        assert self.client.call("pause", Pause, execution_id="to_pause").success
        assert self.client.call("resume", Resume, execution_id="to_pause").success
        assert self.result(session).status.value == ExecutionStatus.COMPLETED

    def test_4_two_goals_share_the_robot(self):
        speech = {"action_type": "speak", "parameters": {"text": "I am coming"}}
        first = self.client.send(plan=plan(drive(1.0, 1.0)))
        second = self.client.send(plan=plan(speech, drive(4.0, 2.0)))
        for session in (first, second):
            assert self.result(session).status.value == ExecutionStatus.COMPLETED

    def test_4b_a_condition_looks_back_at_what_the_robot_did(self):
        moved = "robot_history.velocity.exists(v, v.value > 0.1)"
        rests = "robot_history.velocity.filter(v, v.age < 0.5).all(v, v.value < 0.01)"
        seen = "robot_history.velocity.size() > 1"
        until = {"action_type": "wait_for", "until": f"{moved} && {rests} && {seen}", "timeout": 60}
        result = self.result(self.client.send(plan=plan(drive(1.0, 1.0), until)))
        assert result.status.value == ExecutionStatus.COMPLETED, result.message

    def test_5_an_invalid_goal_is_told_of(self):
        result = self.result(self.client.send(plan=plan({"action_type": "fly_to"})))
        assert result.status.value == ExecutionStatus.FAILED
        assert "ACTION_TYPE_UNKNOWN" in [issue.code for issue in result.issues]

    def test_6_goals_in_a_row_are_driven_as_one_and_their_way_is_planned(self):
        document = plan(drive(1.0, 1.0), drive(4.0, 2.0, id="last"))
        dry = self.result(self.client.send(plan=document, optimise="all", dry_run=True))
        changes = {change.kind: change for change in dry.analysis.changes}
        assert "(planned path)" in changes["estimates"].reason
        assert list(changes["batching"].action_ids) == ["navigate_to_1", "last"]
        result = self.result(self.client.send(plan=document, optimise="all"))
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert [a.action_type for a in result.actions] == ["navigate_through_poses"]

    def test_7_what_the_camera_saw_and_the_way_it_went_are_in_the_journal(self):
        look = {"id": "look", "action_type": "detect_objects"}
        errand = plan(drive(1.0, 1.0), drive(4.0, 2.0, id="go"), look)
        session = self.client.send(plan=errand, execution_id="seen")
        assert self.result(session).status.value == ExecutionStatus.COMPLETED
        deadline = time.monotonic() + 60.0
        told = {}
        while {"PICTURE_TAKEN", "ROBOT_TRAVELLED"} - set(told):
            assert time.monotonic() < deadline, f"only {sorted(told)}"
            answer = self.client.call(
                "get_execution", GetExecution, execution_id="seen", include_events=True
            )
            told = {event.type: json.loads(event.data) for event in answer.events}
            time.sleep(0.2)
        assert told["ROBOT_TRAVELLED"]["path"][-1][1:3] == pytest.approx([4.0, 2.0], abs=0.4)
        assert "blue_cup" in [one["object_id"] for one in told["PICTURE_TAKEN"]["sightings"]]
