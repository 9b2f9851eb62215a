"""From a command over a model's plan to what the robot does, and to another plan when it fails."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.srv import Confirm, GetExecution, ValidatePlan
from test.integration.planning.conftest import start_robot
from test.integration.ros.processes import wait_for
from test.model_server import Reply, saying

pytestmark = pytest.mark.timeout(180)
WORDS = "would the machine be so good as to labour"


def plan(*actions, confidence=0.9):
    return {"version": 1, "confidence": confidence, "actions": list(actions)}


def work(name, milliseconds=30, kind="work"):
    return {"id": name, "action_type": kind, "parameters": {"milliseconds": milliseconds}}


def result_of(session, seconds=60.0):
    assert session.done.wait(seconds), "the goal has no result"
    assert session.failure == ""
    return session.result


def events_of(client, execution_id):
    answer = client.call(
        "get_execution", GetExecution, execution_id=execution_id, include_events=True
    )
    return answer.events


def test_a_command_becomes_a_model_s_plan_that_the_robot_executes(world, model, start):
    start_robot(world, "world", "navigation", "speech")
    talk = {"id": "talk", "action_type": "speak", "parameters": {"text": "I am in the kitchen"}}
    drive = {
        "id": "drive",
        "action_type": "navigate_to",
        "parameters": {"target_location": "kitchen"},
    }
    model.script = saying("let me think", plan({**drive, "speed": 3}, talk), plan(drive, talk))
    client = start(
        capability_files="[capabilities.yaml]",
        places_file="places.yaml",
        recovery_file="recovery.yaml",
        llm_prompt_price=2.0,
    )
    command = "have a look whether anybody waits where we cook, and tell them you are there"
    result = result_of(client.send(command=command, execution_id="e"), 120.0)
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    assert [action.action_id for action in result.actions] == ["drive", "talk"]
    assert result.metrics.planning_tokens == 450
    assert result.metrics.planning_cost == pytest.approx(300 * 2.0 / 1e6)
    (made,) = [event for event in events_of(client, "e") if event.type == "PLAN_MADE"]
    assert json.loads(made.data)["report"]["rounds"] == 3
    prompt = model.requests[0]["messages"][1]["content"]
    assert command in prompt
    # What the grammar understands is not asked of the model.
    asked = len(model.requests)
    drive_home = client.call("validate_plan", ValidatePlan, command="go home", timeout=30.0)
    assert drive_home.valid
    assert len(model.requests) == asked


def test_a_failure_gets_another_plan_that_keeps_what_is_done(world, model, start):
    world.server("work")
    world.server("left_work", "abort")
    first = plan(work("one"), work("two", kind="left_work"))
    model.script = saying(first, plan(work("one"), work("three", 31)))
    client = start()
    result = result_of(client.send(command=WORDS, execution_id="e"))
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    began = [line[2] for line in world.lines("work") if line[0] == "began"]
    assert began == ["30", "31"], "what was done is not done again"
    kinds = [event.type for event in events_of(client, "e")]
    assert kinds.count("PLAN_MADE") == 2
    assert kinds.index("REPLAN_REQUESTED") < kinds.index("EXECUTION_REPLANNED")
    assert result.metrics.replans == 1
    asked = model.requests[1]["messages"][1]["content"]
    assert "GOAL_ABORTED" in asked
    assert "<done>" in asked


def test_a_node_that_dies_while_the_model_thinks_asks_again(world, model, start):
    world.server("work")
    world.server("left_work", "abort")
    slow = Reply(json.dumps(plan(work("never"))), delay=60.0)
    model.script = saying(plan(work("one"), work("two", kind="left_work")), slow)
    client = start()
    assert client.send(command=WORDS, execution_id="e").answered.wait(30.0)
    wait_for(lambda: len(model.requests) == 2, 60.0, "the question for another plan")
    next(one for one in world.processes if one.output.name == "node.out").kill()
    model.script = saying(plan(work("one"), work("three", 31)))
    client = start()
    wait_for(lambda: len(model.requests) == 3, 60.0, "the same question again")
    wait_for(lambda: status(client) == ExecutionStatus.COMPLETED, 60.0, "the end")
    assert [line[2] for line in world.lines("work") if line[0] == "began"] == ["30", "31"]


def test_a_person_confirms_a_client_cancels_and_both_planners_say_what_they_miss(
    world, model, start
):
    world.server("work")
    model.script = saying(plan(work("one"), confidence=0.2))
    client = start(places_file="places.yaml")
    session = client.send(command=WORDS, execution_id="e")
    wait_for(lambda: asks(client), 30.0, "the question")
    assert not [line for line in world.lines("work") if line[0] == "began"]
    assert client.call("confirm", Confirm, execution_id="e", approve=True).success
    assert result_of(session).status.value == ExecutionStatus.COMPLETED

    model.script = saying(Reply("x" * 40_000, drip=0.02))
    asked = len(model.requests)
    session = client.send(command=WORDS)
    wait_for(lambda: len(model.requests) > asked, 30.0, "the request")
    # While the model talks, others are served.
    other = client.send(plan=json.dumps({"version": 1, "actions": [work("one")]}))
    assert result_of(other).status.value == ExecutionStatus.COMPLETED
    session.cancel()
    assert result_of(session).status.value == ExecutionStatus.CANCELLED
    assert model.hung_up.wait(10.0)

    model.script = saying({"impossible": "there is nothing to labour on"})
    result = result_of(client.send(command=WORDS))
    assert {issue.code for issue in result.issues} == {"COMMAND_NOT_UNDERSTOOD"}
    told = " ".join(issue.message for issue in result.issues)
    assert "nothing to labour on" in told
    assert "'machine' is not known" in told
    asked = len(model.requests)
    result = result_of(client.send(command=WORDS, planner="grammar"))
    assert (result.status.value, len(model.requests)) == (ExecutionStatus.FAILED, asked)
    result = result_of(client.send(command=WORDS, planner="oracle"))
    assert result.issues[0].code == "PLANNER_UNKNOWN"

    model.script = saying(Reply("x" * 40_000, drip=0.02))
    asked = len(model.requests)
    session = client.send(command=WORDS)
    wait_for(lambda: len(model.requests) > asked, 30.0, "the request")
    node = next(one for one in world.processes if one.output.name == "node.out")
    assert node.stop() == 0
    assert "Traceback" not in node.said()
    assert result_of(session).status.value == ExecutionStatus.CANCELLED


def status(client):
    """What the newest state message says: calls to a dead node would be waited for."""
    known = client.state.executions if client.state is not None else []
    return next((one.status.value for one in known if one.execution_id == "e"), None)


def asks(client):
    answer = client.call("get_execution", GetExecution, execution_id="e")
    return answer.success and "may this plan of" in answer.state.reason
