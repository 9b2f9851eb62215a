"""What others want of a goal in quarantine, and what becomes of it while the node is away."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from example_interfaces.action import Fibonacci

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    ReleaseQuarantine,
    ResetEmergencyStop,
)
from test.integration.ros.processes import LONG, wait_for
from test.integration.ros.scripted_robot import ScriptedRobot, scripted_robot
from test.integration.ros.single_actions import ended

pytestmark = pytest.mark.timeout(360)
SETTINGS = {"cancel_timeout": 1.5, "cancel_patience": 0.7}


def deaf_if_long(goal):
    """Work on whatever is asked, until the test says "end"; what is short is done at once."""
    if goal.request.order >= LONG:
        goal.until("end", cancel=False)
    goal.robot.note("order", goal.request.order)
    return goal.end("succeed")


@pytest.fixture
def robot(world) -> Iterator[ScriptedRobot]:
    with scripted_robot() as made:
        made.serve(Fibonacci, "left_work", deaf_if_long)
        yield made


@pytest.fixture
def client(world, robot) -> Iterator[OrchestratorClient]:
    world.node(**SETTINGS)
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def left(milliseconds, **more):
    return {"action_type": "left_work", "parameters": {"milliseconds": milliseconds}, **more}


def send(client, name, *actions, **more):
    plan = {"version": 1, "ordering": "sequence", "actions": list(actions)}
    return client.send(plan=json.dumps(plan), execution_id=name, **more)


def given_up(client, robot):
    """Cancel a goal that works on, and wait until it is in quarantine."""
    session = send(client, "errand", left(LONG, id="go"))
    robot.wait("began")
    assert client.call("cancel", Cancel, execution_id="errand").success
    assert "the robot may still be moving" in ended(session, ExecutionStatus.CANCELLED).message


def waiting(client):
    actions = [one for run in client.state.executions for one in run.actions]
    return sum("see the quarantine" in one.reason for one in actions)


def shown(client):
    state = client.state
    return next((one for one in state.executions if one.execution_id == "errand"), None)


def test_two_want_what_is_in_quarantine_and_a_person_releases_it(client, robot):
    given_up(client, robot)
    low = send(client, "low", left(1))
    high = send(client, "high", left(2), priority=50)
    wait_for(lambda: waiting(client) == 2, 60.0, "their waiting")
    assert robot.count("asked") == 1
    released = client.call(
        "release_quarantine", ReleaseQuarantine, resource="left", operator_name="anna"
    )
    assert released.success, released.message
    ended(high)
    ended(low)
    assert [note[1] for note in robot.notes if note[0] == "order"] == [2, 1]
    assert not client.call("release_quarantine", ReleaseQuarantine, resource="left").success
    robot.tell("end")


def test_what_ends_while_the_node_is_away_is_over_after_the_restart(world, client, robot):
    given_up(client, robot)
    node = world.processes[-1]
    node.kill()
    robot.tell("end")
    robot.wait("succeed")
    successor = world.node(**SETTINGS)
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as again:
        again.wait_ready(90.0)
        ended(send(again, "next", left(3)))
        wait_for(lambda: again.state and not again.state.quarantined, 60.0, "the end")
        assert "meanwhile go has ended" in shown(again).reason


def test_a_fallback_of_what_may_still_run_waits_for_its_end(client, robot):
    fallback = left(3, id="instead")
    again = {"max_attempts": 3, "initial_delay": 0.05}
    action = left(LONG, id="go", timeout=1.0, retry=again, fallback_action=fallback)
    session = send(client, "errand", action)
    wait_for(lambda: client.state and client.state.quarantined, 30.0, "the quarantine")
    assert robot.count("asked") == 1
    robot.tell("end")
    result = ended(session)
    assert list(result.deviations) == ["go: its fallback did it (left_work)"]
    assert [note[1] for note in robot.notes if note[0] == "order"] == [LONG, 3]


def test_what_may_have_been_done_is_told_as_not_undone(client, robot):
    done = left(1, id="done", compensation=left(2, id="undo"))
    late = left(LONG, id="late", compensation=left(3, id="undo_late"))
    session = send(client, "errand", done, late)
    robot.wait("began", times=2)
    assert client.call("cancel", Cancel, execution_id="errand", compensate=True).success
    wait_for(lambda: client.state and client.state.quarantined, 30.0, "the quarantine")
    robot.tell("end")
    result = ended(session, ExecutionStatus.CANCELLED)
    assert "late was not undone" in result.message
    assert [note[1] for note in robot.notes if note[0] == "order"] == [1, LONG, 2]


def test_the_stop_is_reset_when_a_person_has_looked(client, robot):
    session = send(client, "errand", left(LONG))
    robot.wait("began")
    assert client.call("emergency_stop", EmergencyStop, reason="smoke").success
    ended(session, ExecutionStatus.CANCELLED)
    reset = client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="anna")
    assert not reset.success
    (goal,) = client.state.quarantined
    assert client.call("release_quarantine", ReleaseQuarantine, goal_id=goal.goal_id).success
    assert client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="anna").success
    wait_for(lambda: "meanwhile" in shown(client).reason, 60.0, "the word in the state")
    robot.tell("end")
