"""Somebody else's goal at moments at which ours is not under way: it is waited for, and left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from nav2_msgs.action import BackUp, NavigateToPose

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    Pause,
    ResetEmergencyStop,
    Resume,
)
from test.integration.ros.processes import ROOT, wait_for
from test.integration.ros.scripted_robot import ScriptedRobot, is_done_at_once, scripted_robot
from test.integration.ros.single_actions import ended, reason

pytestmark = pytest.mark.timeout(360)
CONFIG = ROOT / "config"
SOMEBODY = "somebody else uses"
DRIVE = {
    "id": "go",
    "action_type": "navigate_to",
    "parameters": {"target_location": {"x": 3.0, "y": 0.0}},
}


@pytest.fixture
def robot(world) -> Iterator[ScriptedRobot]:
    with scripted_robot() as made:
        made.serve(BackUp, "backup", is_done_at_once)
        yield made


@pytest.fixture
def client(world, robot) -> Iterator[OrchestratorClient]:
    world.node(
        capability_files=f"[{CONFIG / 'capabilities.yaml'}]",
        recovery_file=CONFIG / "recovery.yaml",
        web_port=0,
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def send(client, **more):
    plan = {"version": 1, "actions": [{**DRIVE, **more}]}
    return client.send(plan=json.dumps(plan), execution_id="errand")


def theirs_beside(ours):
    """Play ours for the first goal; the second is theirs and works until told; later ones succeed."""

    def play(goal):
        if goal.number == 1:
            return ours(goal)
        if goal.number == 2:
            return goal.end("succeed" if goal.until("end") else "canceled")
        return goal.end("succeed")

    return play


def stands_still(goal):
    goal.until_cancelled()
    return goal.end("canceled")


def test_theirs_in_the_delay_between_our_attempts(client, robot, operator):
    gives_up = theirs_beside(lambda goal: goal.end("abort", error_code=102))
    robot.serve(NavigateToPose, "navigate_to_pose", gives_up)
    session = send(client, retry={"max_attempts": 2, "initial_delay": 3.0})
    robot.wait("abort")
    operator.drive(1.0, 0.0)
    wait_for(lambda: SOMEBODY in reason(client), 60.0, "the reason")
    assert robot.count("began") == 2
    robot.tell("end")
    assert ended(session).actions[0].attempt == 2
    assert not robot.count("cancel")


def test_theirs_in_our_pause(client, robot, operator):
    robot.serve(NavigateToPose, "navigate_to_pose", theirs_beside(stands_still))
    session = send(client)
    robot.wait("began")
    assert client.call("pause", Pause, execution_id="errand").success
    robot.wait("canceled")
    operator.drive(1.0, 0.0)
    robot.wait("began", times=2)
    # The node hears of it within a moment; what it publishes later knows of it.
    heard = client.state.stamp.sec + 2
    wait_for(lambda: client.state.stamp.sec >= heard, 60.0, "a later state")
    assert client.call("resume", Resume, execution_id="errand").success
    wait_for(lambda: SOMEBODY in reason(client), 60.0, "the reason")
    robot.tell("end")
    ended(session)
    assert robot.count("cancel") == 1


def test_a_cancel_of_ours_that_waits_leaves_theirs_alone(client, robot, operator):
    robot.serve(NavigateToPose, "navigate_to_pose")
    operator.drive(1.0, 0.0)
    robot.wait("began")
    session = send(client)
    wait_for(lambda: SOMEBODY in reason(client), 60.0, "the reason")
    assert client.call("cancel", Cancel, execution_id="errand").success
    ended(session, ExecutionStatus.CANCELLED)
    assert robot.notes == [("asked", "navigate_to_pose"), ("began", "navigate_to_pose", 1)]
    robot.tell("end")


def test_one_that_waited_in_vain_moves_nothing(client, robot, operator):
    robot.serve(NavigateToPose, "navigate_to_pose")
    operator.drive(1.0, 0.0)
    robot.wait("began")
    result = ended(send(client, patience=1.5), ExecutionStatus.FAILED)
    assert result.actions[0].error.code == "GOAL_TAKEN_OVER"
    assert robot.count("asked") == 1
    robot.tell("end")


def test_an_emergency_stop_while_ours_waits_stops_theirs_and_ours_never_begins(
    client, robot, operator
):
    robot.serve(NavigateToPose, "navigate_to_pose")
    operator.drive(1.0, 0.0)
    robot.wait("began")
    session = send(client)
    wait_for(lambda: SOMEBODY in reason(client), 60.0, "the reason")
    assert client.call("emergency_stop", EmergencyStop, reason="smoke").success
    ended(session, ExecutionStatus.CANCELLED)
    robot.wait("canceled")
    reset = client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="anna")
    assert reset.success, reset.message
    # What is sent now comes behind anything that would have begun with the reset.
    robot.tell("end")
    ended(client.send(plan=json.dumps({"version": 1, "actions": [DRIVE]})))
    assert robot.count("began") == 2
