"""Executions that share a robot: rate limits and preemption, with the node and servers as processes."""

from __future__ import annotations

import itertools
import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import GetExecution
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)
SPACING = 500  # milliseconds between two starts of rare_work


@pytest.fixture
def client(world):
    world.node()
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def send(client, name, *actions, **more):
    plan = {"version": 1, "ordering": "dependencies", "actions": list(actions)}
    return client.send(plan=json.dumps(plan), execution_id=name, **more)


def work(name, kind, milliseconds, *after):
    return {
        "id": name,
        "action_type": kind,
        "parameters": {"milliseconds": milliseconds},
        "depends_on": list(after),
    }


def wrote(world, server, what):
    return [int(line[2]) for line in world.lines(server) if line[0] == what]


def ended_well(session):
    assert session.done.wait(60.0), "no result"
    assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    return session.result


def state_of(client, name):
    return client.call("get_execution", GetExecution, execution_id=name).state


def test_a_rate_limit_spaces_starts_across_executions(world, client):
    world.server("rare_work")
    world.server("work")
    first = send(client, "first", *(work(f"a{n}", "rare_work", n) for n in range(1, 8)))
    second = send(client, "second", work("b", "rare_work", 8), work("free", "work", 9))
    wait_for(
        lambda: any("times a second" in one.reason for one in state_of(client, "first").actions),
        20.0,
        "a word about the rate limit",
    )
    started = [
        (one.action_type, one.started.sec * 1000 + one.started.nanosec // 1_000_000)
        for session in (first, second)
        for one in ended_well(session).actions
    ]
    assert sorted(wrote(world, "rare_work", "began")) == list(range(1, 9))
    dispatched = sorted(at for kind, at in started if kind == "rare_work")
    # What has no limit does not wait for what has one.
    assert dict(started)["work"] < dispatched[-1]
    gaps = [later - earlier for earlier, later in itertools.pairwise(dispatched)]
    # The engine's own clock spaces them; milliseconds are rounded down.
    assert all(gap >= SPACING - 2 for gap in gaps), gaps


def test_a_more_urgent_execution_takes_the_hand_and_the_other_comes_again(world, client):
    world.server("yielding_work")
    world.server("left_work")
    low = send(client, "low", work("tidy", "yielding_work", LONG), priority=0)
    wait_for(lambda: wrote(world, "yielding_work", "began"), 30.0, "the patient action")
    high = send(client, "high", work("urgent", "left_work", 50), priority=50)
    ended_well(high)
    wait_for(lambda: len(wrote(world, "yielding_work", "began")) == 2, 30.0, "it to come again")
    world.finish("yielding_work")
    result = ended_well(low)
    assert wrote(world, "yielding_work", "began") == [LONG, LONG]
    assert wrote(world, "yielding_work", "cancelled") == [LONG]
    assert wrote(world, "yielding_work", "ended") == [LONG]
    assert wrote(world, "left_work", "ended") == [50]
    assert result.actions[0].attempt == 2
    identities = [line[1] for line in world.lines("yielding_work") if line[0] == "began"]
    assert len(set(identities)) == 2


def test_what_may_not_be_preempted_is_waited_for(world, client):
    world.server("left_work")
    low = send(client, "low", work("tidy", "left_work", LONG), priority=0)
    wait_for(lambda: wrote(world, "left_work", "began"), 30.0, "the first action")
    high = send(client, "high", work("urgent", "left_work", 50), priority=50)
    wait_for(
        lambda: any("held by" in one.reason for one in state_of(client, "high").actions),
        20.0,
        "a word about who holds the hand",
    )
    world.finish("left_work")
    ended_well(low)
    ended_well(high)
    assert wrote(world, "left_work", "ended") == [LONG, 50]
    assert wrote(world, "left_work", "cancelled") == []
