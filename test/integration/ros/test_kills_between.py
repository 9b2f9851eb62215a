"""kill -9 of the node while no goal runs, or one that undoes: in a pause, a delay, a compensation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from example_interfaces.action import Fibonacci

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel, Pause, Resume
from test.integration.ros.processes import LONG, wait_for
from test.integration.ros.scripted_robot import scripted_robot
from test.integration.ros.single_actions import ended, reason

pytestmark = pytest.mark.timeout(360)


def work(name, milliseconds=5, kind="work", **more):
    parameters = {"milliseconds": milliseconds}
    return {"id": name, "action_type": kind, "parameters": parameters, **more}


def send(client, *actions):
    plan = {"version": 1, "ordering": "sequence", "actions": list(actions)}
    return client.send(plan=json.dumps(plan), execution_id="errand")


@pytest.fixture
def robot(world):
    with scripted_robot() as made:
        yield made


@contextmanager
def started(world, times=1) -> Iterator[tuple[object, OrchestratorClient]]:
    node = world.node()
    wait_for(lambda: node.said().count("ready for goals") == times, 90.0, "the start")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        yield node, client


def test_in_a_pause(world, robot):
    def play(goal):
        if goal.number > 1:
            return goal.end("succeed")
        goal.until_cancelled()
        return goal.end("canceled")

    robot.serve(Fibonacci, "patient_work", play)
    action = work("go", LONG, "patient_work")
    with started(world) as (node, client):
        send(client, action)
        robot.wait("began")
        assert client.call("pause", Pause, execution_id="errand").success
        wait_for(lambda: "paused: " in reason(client), 60.0, "the end of the goal")
        node.kill()
    with started(world, times=2) as (_, client):
        session = send(client, action)
        wait_for(lambda: client.state and "is paused" in reason(client), 60.0, "the pause")
        assert robot.count("began") == 1
        assert client.call("resume", Resume, execution_id="errand").success
        ended(session)
    assert robot.count("began") == 2


def test_between_two_attempts(world, robot):
    aborts_first = lambda goal: goal.end("abort" if goal.number == 1 else "succeed")  # noqa: E731
    robot.serve(Fibonacci, "work", aborts_first)
    action = work("go", retry={"max_attempts": 2, "initial_delay": 4.0})
    with started(world) as (node, client):
        send(client, action)
        wait_for(lambda: "is tried again" in reason(client), 60.0, "the delay")
        node.kill()
    with started(world, times=2) as (_, client):
        ended(send(client, action))
    assert robot.count("began") == 2


def test_in_a_compensation(world, robot):
    def play(goal):
        if goal.request.order < LONG:
            return goal.end("succeed")
        return goal.end("succeed" if goal.until("end") else "canceled")

    robot.serve(Fibonacci, "work", play)
    plan = (work("done", compensation=work("undo", LONG)), work("stopped", LONG))
    with started(world) as (node, client):
        send(client, *plan)
        robot.wait("began", times=2)
        cancelled = client.call("cancel", Cancel, execution_id="errand", compensate=True)
        assert cancelled.success
        robot.wait("began", times=3)
        node.kill()
    with started(world, times=2) as (_, client):
        session = send(client, *plan)
        robot.tell("end")
        result = ended(session, ExecutionStatus.CANCELLED)
        assert list(result.rollback.undone) == ["done"]
    assert robot.count("began") == 3
