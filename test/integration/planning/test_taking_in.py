"""A goal is an execution from its acceptance on: before its plan is there, and through kill -9."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    GetExecution,
    Pause,
    ResetEmergencyStop,
    Resume,
)
from test.integration.ros.processes import wait_for
from test.model_server import Reply, saying

pytestmark = pytest.mark.timeout(240)
WORDS = "would the machine be so good as to labour"
WORK = {"id": "one", "action_type": "work", "parameters": {"milliseconds": 30}}
PLAN = {"version": 1, "confidence": 0.9, "actions": [WORK]}
THINKS = 5.0  # seconds
SEARCH = 20.0  # seconds that a solver looks for a better order


@pytest.fixture
def client(world, model, start):
    """Return the client of a node whose model takes some seconds."""
    world.server("work")
    model.script = saying(Reply(json.dumps(PLAN), delay=THINKS))
    return start()


def known(client, execution_id):
    executions = client.state.executions if client.state is not None else []
    return next((one for one in executions if one.execution_id == execution_id), None)


def status(client, execution_id):
    one = known(client, execution_id)
    return one.status.value if one is not None else 0


def result_of(session, seconds=60.0):
    assert session.done.wait(seconds), "the goal has no result"
    assert session.failure == ""
    return session.result


def began(world):
    return [line for line in world.lines("work") if line[0] == "began"]


def journal(world):
    database = sqlite3.connect(world.folder / "state" / "journal.db")
    try:
        return [
            (kind, json.loads(data))
            for kind, data in database.execute("select type, data from event order by seq")
        ]
    finally:
        database.close()


def node_of(world):
    return [one for one in world.processes if one.output.name == "node.out"][-1]


def test_an_emergency_stop_ends_what_is_being_planned(world, model, client):
    sessions = [client.send(command=WORDS, execution_id=name) for name in ("stopped", "cancelled")]
    wait_for(lambda: len(model.requests) == 2, 30.0, "the questions to the model")
    wait_for(lambda: status(client, "stopped") == ExecutionStatus.PROCESSING, 30.0, "the state")
    assert "plan is being made" in known(client, "stopped").reason
    assert client.call("cancel", Cancel, execution_id="cancelled").success
    assert client.call("emergency_stop", EmergencyStop, reason="red button").success
    for session in sessions:
        assert result_of(session).status.value == ExecutionStatus.CANCELLED
    assert client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="test").success
    time.sleep(THINKS + 1.0)
    assert began(world) == []
    assert status(client, "stopped") == ExecutionStatus.CANCELLED


def test_a_cancel_right_after_the_acceptance_is_never_lost(world, client):
    slow = [{**WORK, "id": f"a{n}", "parameters": {"milliseconds": 20_000}} for n in range(30)]
    for number in range(8):
        name = f"e{number}"
        session = client.send(plan=json.dumps({"actions": slow}), execution_id=name)
        assert session.answered.wait(60.0)
        if number % 2:
            session.cancel()
        else:
            answer = client.call("cancel", Cancel, execution_id=name)
            assert answer.success, answer.message
        assert result_of(session).status.value == ExecutionStatus.CANCELLED


def test_a_pause_holds_what_is_being_planned_and_the_same_id_attaches(world, model, client):
    session = client.send(command=WORDS, execution_id="e")
    later = client.send(command=WORDS, execution_id="e2", start_paused=True)
    wait_for(lambda: len(model.requests) == 2, 30.0, "the questions to the model")
    again = client.send(command=WORDS, execution_id="e")
    assert again.answered.wait(60.0)
    assert client.call("pause", Pause, execution_id="e").success
    time.sleep(THINKS + 1.0)
    assert began(world) == []
    assert status(client, "e") == status(client, "e2") == ExecutionStatus.PAUSED
    for name in ("e", "e2"):
        answer = client.call("resume", Resume, execution_id=name)
        assert answer.success, answer.message
    for one in (session, later, again):
        assert result_of(one).status.value == ExecutionStatus.COMPLETED
    assert len(began(world)) == 2
    assert len(model.requests) == 2


def test_kill_9_while_it_is_planned_loses_nothing(world, model, client, start):
    for name, fails in (("again", False), ("ends", True)):
        sent = client.send(command=WORDS, execution_id=name, fail_if_interrupted=fails)
        assert sent.answered.wait(60.0)
        assert sent.accepted
    node_of(world).kill()
    goals = [data for kind, data in journal(world) if kind == "EXECUTION_REQUESTED"]
    assert [goal["goal"]["command"] for goal in goals] == [WORDS, WORDS]
    client = start()
    wait_for(lambda: status(client, "ends") == ExecutionStatus.FAILED, 30.0, "the end of one")
    wait_for(lambda: status(client, "again") == ExecutionStatus.COMPLETED, 60.0, "the other")
    answer = client.call("get_execution", GetExecution, execution_id="ends")
    assert "restarted while the plan was being made" in answer.message
    assert len(began(world)) == 1


def test_a_deadline_on_the_clock_does_not_wait_for_the_model(world, model, client):
    model.script = saying(Reply(json.dumps(PLAN), delay=4.0 * THINKS))
    deadline = datetime.now(UTC) + timedelta(seconds=2.0)
    began_at = time.monotonic()
    session = client.send(command=WORDS, deadline=deadline.isoformat())
    result = result_of(session)
    assert time.monotonic() - began_at < 3.0 * THINKS
    assert result.status.value == ExecutionStatus.FAILED
    assert result.error.code == "EXECUTION_DEADLINE"
    assert began(world) == []


def test_what_is_being_optimised_can_be_stopped_and_paused(world, start):
    world.server("left_work")
    world.server("right_work")
    client = start(optimise_budget=SEARCH)
    plan = json.dumps({"version": 1, "ordering": "dependencies", "actions": list(hard_to_order())})
    sent = {name: client.send(plan=plan, execution_id=name) for name in ("paused", "cancelled")}
    for session in sent.values():
        assert session.answered.wait(60.0)
    time.sleep(1.0)
    asked = time.monotonic()
    assert client.call("pause", Pause, execution_id="paused").success
    assert client.call("cancel", Cancel, execution_id="cancelled").success
    assert result_of(sent["cancelled"]).status.value == ExecutionStatus.CANCELLED
    other = client.send(plan=json.dumps(PLAN), execution_id="other")
    wait_for(lambda: status(client, "other") not in (0, ExecutionStatus.PROCESSING), 10.0, "a plan")
    assert status(client, "paused") == ExecutionStatus.PAUSED
    assert client.call("emergency_stop", EmergencyStop, reason="red button").success
    for session in (sent["paused"], other):
        assert result_of(session).status.value == ExecutionStatus.CANCELLED
    assert time.monotonic() - asked < SEARCH


def hard_to_order():
    """Yield actions of which a solver takes long to find the best order."""
    for number in range(80):
        job, step = divmod(number, 4)
        hand = ("left", "right")[(job + step) % 2]
        yield {
            "id": f"a{number}",
            "action_type": f"{hand}_work",
            "depends_on": [f"a{number - 1}"] if step else [],
            "parameters": {"milliseconds": 20_000},
            "resources": [hand] if number % 5 else ["left", "right"],
            "estimated_duration": 1.0 + (number * 37 % 23) / 3.0,
        }


def test_a_wrong_plan_is_an_execution_that_failed_with_its_issues(world, client, start):
    wrong = json.dumps({"actions": [{"action_type": "fly"}, {"action_type": "swim"}]})
    result = result_of(client.send(plan=wrong, execution_id="wrong"))
    assert result.status.value == ExecutionStatus.FAILED
    codes = [issue.code for issue in result.issues]
    assert len(codes) >= 2
    node_of(world).kill()
    client = start()
    wait_for(lambda: status(client, "wrong") == ExecutionStatus.FAILED, 30.0, "the state")
    result = result_of(client.send(plan=wrong, execution_id="wrong"))
    assert [issue.code for issue in result.issues] == codes
