"""Servers that accept a cancel and work on, or refuse it: nothing else gets what they move."""

from __future__ import annotations

import json
import threading

import pytest
from std_srvs.srv import SetBool

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    ReleaseQuarantine,
    ResetEmergencyStop,
)
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)


def plan(milliseconds, **more):
    work = {"action_type": "left_work", "parameters": {"milliseconds": milliseconds}, **more}
    return json.dumps({"version": 1, "actions": [work]})


def order_of(world):
    """What the server did, in its order: [began, ended ...] with the milliseconds of the goal."""
    return [(line[0], int(line[2])) for line in world.lines("left_work") if line[0] != "up"]


def began(world, milliseconds):
    return ("began", milliseconds) in order_of(world)


@pytest.mark.parametrize("mode", ["deaf", "stubborn"])
def test_a_goal_that_works_on_keeps_its_resource_until_it_has_ended(world, mode):
    world.server("left_work", mode)
    world.node(cancel_timeout=1.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = {"retry": {"max_attempts": 3, "initial_delay": 0.1}}
        first = client.send(plan=plan(LONG, timeout=1.0, **again), execution_id="first")
        wait_for(lambda: began(world, LONG), 60.0, "the start")
        second = client.send(plan=plan(10), execution_id="second")
        assert first.done.wait(60.0)
        assert first.result.status.value == ExecutionStatus.FAILED
        assert first.result.actions[0].error.code == "GOAL_OUTCOME_UNKNOWN"
        assert "the robot may still be moving" in first.result.message
        assert not began(world, 10)
        world.finish("left_work")
        assert second.done.wait(30.0)
        assert second.result.status.value == ExecutionStatus.COMPLETED
    work = [line for line in order_of(world) if line[0] in ("began", "ended")]
    assert work == [("began", LONG), ("ended", LONG), ("began", 10), ("ended", 10)]


def test_the_quarantine_survives_kill_9_and_ends_when_a_person_says_so(world):
    world.server("left_work", "deaf")
    node = world.node(cancel_timeout=1.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(LONG), execution_id="first")
        wait_for(lambda: began(world, LONG), 60.0, "the start")
        assert client.call("cancel", Cancel, execution_id="first").success
        assert session.done.wait(60.0)
        assert session.result.status.value == ExecutionStatus.CANCELLED
        assert "the robot may still be moving" in session.result.message
        node.kill()
    successor = world.node(cancel_timeout=1.0)
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        wait_for(lambda: client.state and client.state.quarantined, 60.0, "the quarantine")
        goal = client.state.quarantined[0]
        assert (goal.execution_id, goal.resources) == ("first", ["left"])
        assert "did not confirm" in goal.reason
        left = next(one for one in client.state.resources if one.resource == "left")
        assert "may still be moving" in left.leases[0].quarantine
        second = client.send(plan=plan(10), execution_id="second")
        assert not second.done.wait(3.0)
        released = client.call("release_quarantine", ReleaseQuarantine, resource="left")
        assert released.success, released.message
        assert list(released.goal_ids) == [goal.goal_id]
        assert second.done.wait(60.0)
        assert second.result.status.value == ExecutionStatus.COMPLETED


def test_the_emergency_stop_is_not_reset_while_a_goal_may_work_on(world):
    world.server("left_work", "deaf")
    world.node(cancel_timeout=1.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(LONG), execution_id="first")
        wait_for(lambda: began(world, LONG), 60.0, "the start")
        assert client.call("emergency_stop", EmergencyStop, reason="test").success
        assert session.done.wait(60.0)
        refused = client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me")
        assert not refused.success
        assert "left_work" in refused.message
        assert client.call("release_quarantine", ReleaseQuarantine, resource="left").success
        reset = client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me")
        assert reset.success, reset.message


def test_a_goal_whose_server_died_leaves_the_quarantine_when_another_has_its_place(world):
    server = world.server("left_work", "deaf")
    world.node(cancel_timeout=6.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(LONG), execution_id="first")
        wait_for(lambda: began(world, LONG), 60.0, "the start")
        assert client.call("cancel", Cancel, execution_id="first").success
        wait_for(lambda: ("cancel", LONG) in order_of(world), 60.0, "the cancel")
        server.kill()
        assert session.done.wait(60.0)
        world.server("left_work")
        second = client.send(plan=plan(10), execution_id="second")
        assert second.done.wait(30.0)
        assert second.result.status.value == ExecutionStatus.COMPLETED
        wait_for(lambda: not client.state.quarantined, 30.0, "the end of the quarantine")


def test_a_service_that_has_not_answered_keeps_its_resource(world, operator):
    """Nothing takes its request back."""
    asked, may_answer = threading.Event(), threading.Event()

    def switch(request, response):
        asked.set()
        assert may_answer.wait(60.0)
        response.success = True
        return response

    operator.node.create_service(SetBool, "left_switch", switch)
    world.server("left_work")
    world.node(cancel_timeout=2.0)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        switching = {"action_type": "left_switch", "parameters": {"on": True}}
        first = client.send(
            plan=json.dumps({"version": 1, "actions": [switching]}), execution_id="first"
        )
        assert asked.wait(20.0)
        assert client.call("cancel", Cancel, execution_id="first").success
        assert first.done.wait(60.0)
        assert first.result.status.value == ExecutionStatus.CANCELLED
        assert "left_switch has not answered" in first.result.message
        second = client.send(plan=plan(10), execution_id="second")
        assert not second.done.wait(3.0)
        may_answer.set()
        assert second.done.wait(60.0)
        assert second.result.status.value == ExecutionStatus.COMPLETED


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_a_service_that_died_with_a_request_frees_its_resource(world, again, cancelled):
    """Also where another process offers it before the graph forgets the one that was killed."""
    serving = world.server("left", "hang")
    world.server("left_work")
    world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        switching = {"action_type": "left_switch", "parameters": {"on": True}}
        first = client.send(
            plan=json.dumps({"version": 1, "actions": [switching]}), execution_id="first"
        )
        wait_for(lambda: world.lines("left")[-1][0] == "switch", 60.0, "the request")
        if cancelled:
            assert client.call("cancel", Cancel, execution_id="first").success
            wait_for(lambda: client.state and client.state.quarantined, 60.0, "the quarantine")
        serving.kill()
        if again:
            world.server("left")
        second = client.send(plan=plan(10), execution_id="second")
        assert second.done.wait(60.0)
        assert second.result.status.value == ExecutionStatus.COMPLETED
        assert first.done.wait(60.0)
        if not cancelled:
            assert first.result.status.value == ExecutionStatus.FAILED
            assert "nobody knows whether it did it" in first.result.message
    assert sum(line[0] == "switch" for line in world.lines("left")) == 1
