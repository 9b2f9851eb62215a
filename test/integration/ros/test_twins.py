"""Two servers of one name: nothing that moves is sent to both of them."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)


def plan(milliseconds, **more):
    work = {"action_type": "left_work", "parameters": {"milliseconds": milliseconds}, **more}
    return json.dumps({"version": 1, "actions": [work]})


def asked(world):
    return [
        int(line[2])
        for log in ("left_work", "twin")
        for line in world.lines(log)
        if line[0] == "asked"
    ]


def reason(client):
    executions = client.state.executions if client.state else ()
    found = (one for state in executions for one in state.actions)
    return next((one.reason for one in found), "")


def node_that_knows_both(world):
    """Start the node, and wait until it has found both servers, each in its own time."""
    node = world.node()
    wait_for(lambda: "two servers of left_work" in node.said(), 60.0, "the word on two servers")


def test_a_goal_waits_until_one_of_two_servers_is_left(world):
    world.server("left_work")
    second = world.server("left_work", node="twin")
    node_that_knows_both(world)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(10), execution_id="first")
        wait_for(lambda: "two servers of left_work" in reason(client), 30.0, "the reason")
        assert "/left_work_server and /twin" in reason(client)
        assert asked(world) == []
        second.stop()
        assert session.done.wait(30.0)
        assert session.result.status.value == ExecutionStatus.COMPLETED
    assert asked(world) == [10]


def test_it_waits_as_long_as_its_patience(world):
    world.server("left_work")
    world.server("left_work", node="twin")
    node_that_knows_both(world)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(10, patience=4.0), execution_id="first")
        assert session.done.wait(40.0)
        assert session.result.status.value == ExecutionStatus.FAILED
        error = session.result.actions[0].error
        assert error.code == "SERVER_AMBIGUOUS"
        assert "/left_work_server and /twin" in error.message
    assert asked(world) == []


def test_a_goal_that_runs_is_not_lost_to_a_server_that_does_not_know_it(world):
    world.server("left_work", "chatty")
    world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=plan(LONG), execution_id="first")
        wait_for(lambda: asked(world), 60.0, "the start")
        world.server("left_work", node="twin")
        assert not session.done.wait(6.0)
        world.finish("left_work")
        assert session.done.wait(30.0)
        assert session.result.status.value == ExecutionStatus.COMPLETED
    assert asked(world) == [LONG]
