"""Beside a MoveIt that fails: an action of several steps is told and treated as a single one."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import EmergencyStop, ResetEmergencyStop
from test.integration.ros.processes import ROOT, wait_for

pytestmark = pytest.mark.timeout(360)
CUP = {"object_id": "cup", "width": 0.06, "pose": {"x": 0.5, "y": 0.0, "z": 0.2}}


@pytest.fixture
def client(world):
    world.node(
        capability_files=f"[{ROOT / 'config' / 'capabilities.yaml'}]",
        recovery_file=ROOT / "config" / "recovery.yaml",
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def send(client, action_type, parameters, **more):
    action = {"id": "go", "action_type": action_type, "parameters": parameters, **more}
    return client.send(plan=json.dumps({"version": 1, "actions": [action]}))


def reason(client):
    state = client.state
    actions = [a for e in (state.executions if state else ()) for a in e.actions]
    return actions[0].reason if actions else ""


def goals(world, name):
    return [line for line in world.lines("arm") if line[:2] == ["goal", name]]


def test_a_move_group_that_dies_between_two_steps_is_named_and_waited_for(world, client):
    world.arm("controller_manager")
    move_group = world.arm("move_group")
    session = send(client, "pick_up_object", CUP)
    wait_for(lambda: goals(world, "move_action"), 30.0, "a motion of the arm")
    move_group.kill()
    wait_for(lambda: "move_group is gone since" in reason(client), 25.0, "the reason")
    assert not session.done.is_set()
    world.arm("move_group")
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    assert not client.recoveries


def test_a_move_group_that_dies_with_a_goal_is_waited_for(world, client):
    world.arm("controller_manager")
    move_group = world.arm("move_group")
    session = send(client, "move_arm", {"named_state": "home"})
    wait_for(lambda: goals(world, "move_action"), 30.0, "a motion of the arm")
    move_group.kill()
    wait_for(lambda: "move_group is gone since" in reason(client), 25.0, "the reason")
    world.arm("move_group")
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    assert not client.recoveries


def test_what_move_group_said_is_part_of_a_steps_error(world, client):
    world.arm("controller_manager")
    world.arm("move_group", fault="move_action")
    session = send(client, "pick_up_object", CUP, retry={"max_attempts": 1})
    assert session.done.wait(60.0)
    error = session.result.actions[0].error
    assert "the joint limits were read from nowhere" in error.message
    assert "move_group: move_action: the joint limits" in error.context


def test_an_arm_that_somebody_else_moves_is_waited_for(world, client, operator):
    world.arm("controller_manager")
    world.arm("move_group")
    session = send(client, "move_arm", {"named_state": "home"})
    wait_for(lambda: goals(world, "move_action"), 30.0, "a motion of the arm")
    operator.move_arm()
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    order = [what for what, name, _ in world.lines("arm") if name == "move_action"]
    assert order == ["goal", "goal", "done", "goal", "done"]
    assert not client.recoveries


def test_an_arm_whose_controller_somebody_else_uses_is_waited_for(world, client, operator):
    """A teach pendant moves it behind MoveIt's back."""
    world.arm("move_group", seconds=0.5)
    world.arm("controller_manager", seconds=6.0)
    open_gripper = send(client, "open_gripper", {})
    assert open_gripper.done.wait(60.0)  # the node knows the servers
    operator.follow_trajectory()
    session = send(client, "move_arm", {"named_state": "home"})
    wait_for(lambda: "somebody else uses arm_controller" in reason(client), 30.0, "the reason")
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    done = ["done", "arm_controller/follow_joint_trajectory", "0"]
    lines = world.lines("arm")
    assert lines.index(done) < lines.index(["goal", "move_action", "0"])


def test_an_emergency_stop_ends_everybodys_motions_of_arm_and_gripper(world, client, operator):
    world.arm("controller_manager", seconds=60)
    world.arm("move_group", seconds=60)
    senders = (operator.move_arm, operator.follow_trajectory, operator.close_gripper)
    for send_one in senders:
        send_one()
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert answer.cancelled_goals == len(senders), answer.message
    wait_for(lambda: len(cancelled(world)) == len(senders), 30.0, "the ends of all motions")
    # What begins while everything is stopped ends at once.
    for send_one in senders:
        send_one()
    wait_for(lambda: len(cancelled(world)) == 2 * len(senders), 30.0, "the ends of the new ones")
    assert client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me").success


def cancelled(world):
    return [line for line in world.lines("arm") if line[0] == "cancelled"]


def test_a_pick_that_did_not_confirm_its_cancel_keeps_the_arm_over_a_restart(world):
    world.arm("controller_manager")
    world.arm("move_group", fault="deaf", seconds=40.0)
    config = {
        "capability_files": f"[{ROOT / 'config' / 'capabilities.yaml'}]",
        "recovery_file": ROOT / "config" / "recovery.yaml",
        "cancel_timeout": 2.0,
    }
    node = world.node(**config)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = send(client, "pick_up_object", CUP)
        wait_for(lambda: goals(world, "move_action"), 30.0, "a motion of the arm")
        session.cancel()
        assert session.done.wait(30.0)
        assert "the robot may still be moving" in session.result.message
    node.stop()
    world.node(**config)
    with OrchestratorClient() as client:
        wait_for(lambda: client.state, 60.0, "the next process")
        client.wait_ready(90.0)
        following = send(client, "move_arm", {"named_state": "home"})
        wait_for(lambda: client.state.quarantined, 30.0, "the quarantine")
        assert not following.done.wait(5.0)
        assert len(goals(world, "move_action")) == 1
        # The motion ends; then the arm is free.
        wait_for(lambda: not client.state.quarantined, 60.0, "the end of the quarantine")
