"""A client of the node whose first requests or answers are lost, as ROS 2 loses them at a start."""

from __future__ import annotations

import json

import pytest
from rclpy.task import Future

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.action_client import SafeActionClient
from execution_orchestrator.ros.client import OrchestratorClient, orchestrator_client
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)
#: What rclpy and the embedded runtime call an answer that came in.
ANSWERS = {"goal": ("goal", "send_goal"), "result": ("result", "get_result")}


class Losing(SafeActionClient):
    """Loses the first request or so many of the answers, and does everything else."""

    requests = 0
    answers: dict[str, int] = {}  # noqa: RUF012 - set anew by each test
    seen = 0

    def send_goal_async(self, *arguments, **more):
        type(self).seen += 1
        if self.requests:
            type(self).requests -= 1
            return Future()
        return super().send_goal_async(*arguments, **more)

    async def execute(self, taken_data):
        for what, names in ANSWERS.items():
            for name in names:
                if name in taken_data and self.answers.get(what):
                    self.answers[what] -= 1
                    del taken_data[name]
        await super().execute(taken_data)


@pytest.fixture
def client(world, monkeypatch):
    monkeypatch.setattr(orchestrator_client, "SafeActionClient", Losing)
    monkeypatch.setattr(Losing, "requests", 0)
    monkeypatch.setattr(Losing, "answers", {})
    monkeypatch.setattr(Losing, "seen", 0)
    world.server("work")
    world.node()
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def plan(milliseconds):
    action = {"action_type": "work", "parameters": {"milliseconds": milliseconds}}
    return json.dumps({"version": 1, "actions": [action]})


def began(world):
    return [line for line in world.lines("work") if line[0] == "began"]


@pytest.mark.parametrize("lost", ["request", "goal", "result"])
def test_what_was_lost_is_asked_again_and_nothing_is_done_twice(world, client, lost):
    if lost == "request":
        Losing.requests = 1
    else:
        Losing.answers[lost] = 1
    session = client.send(plan=plan(30))
    assert session.done.wait(60.0)
    assert (session.failure, session.accepted) == ("", True)
    assert session.result.status.value == ExecutionStatus.COMPLETED
    assert len(began(world)) == 1
    assert Losing.requests == 0
    assert not any(Losing.answers.values())


def test_a_node_that_rejects_the_second_request_has_the_first(world, client, monkeypatch):
    monkeypatch.setattr(client, "_read_statuses", lambda: None)
    Losing.answers["goal"] = 1
    session = client.send(plan=plan(30))
    assert session.done.wait(60.0)
    assert Losing.seen == 2
    assert (session.failure, session.accepted) == ("", True)
    assert len(began(world)) == 1


def test_a_cancel_reaches_a_goal_whose_acceptance_was_lost(world, client, monkeypatch):
    monkeypatch.setattr(client, "_read_statuses", lambda: None)
    Losing.answers["goal"] = 9
    session = client.send(plan=plan(LONG), execution_id="unheard")
    wait_for(lambda: began(world), 60.0, "the work")
    session.cancel()
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.CANCELLED


def test_a_goal_that_never_arrived_is_not_sent_after_it_was_cancelled(world, client):
    Losing.requests = 1
    session = client.send(plan=plan(30))
    session.cancel()
    assert session.done.wait(60.0)
    assert session.failure == "it was cancelled, and the node does not have it"
    assert Losing.seen == 1
    assert began(world) == []
