"""What people steer through services while a plan runs: the node and its servers are processes."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus, ResourceRequirement
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import (
    AllocateResources,
    Confirm,
    CreateCheckpoint,
    GetExecution,
    ListCheckpoints,
    ListDeadLetters,
    ReleaseResources,
    RestoreCheckpoint,
    RetryDeadLetter,
    SetBreakpoints,
    Step,
)
from test.integration.ros.processes import wait_for

COMPLETED = ExecutionStatus.COMPLETED
pytestmark = pytest.mark.timeout(360)


@pytest.fixture
def client(world):
    world.node()
    world.server("work")
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def work(name, milliseconds=1, kind="work", **more):
    return {
        "id": name,
        "action_type": kind,
        "parameters": {"milliseconds": milliseconds},
        **more,
    }


def send(client, *actions, **more):
    plan = json.dumps({"version": 1, "actions": list(actions)})
    return client.send(plan=plan, execution_id="e", **more)


def ends(session, timeout=30.0):
    assert session.done.wait(timeout), "no result"
    return session.result


def began(world, name="work"):
    return [int(line[2]) for line in world.lines(name) if line[0] == "began"]


def waits(client, what):
    """Wait until the state says in words that something waits."""

    def said():
        state = client.call("get_execution", GetExecution, execution_id="e").state
        return any(what in action.reason for action in state.actions) or what in state.reason

    wait_for(said, 20.0, f"'{what}' in the state")


def test_breakpoints_and_single_steps(world, client):
    session = send(client, work("a", 1), work("b", 2), work("c", 3), breakpoints=["b"])
    waits(client, "breakpoint")
    assert began(world) == [1]
    assert client.call("step", Step, execution_id="e").success
    wait_for(lambda: began(world) == [1, 2], 60.0, "one step")
    waits(client, "breakpoint")
    assert client.call("set_breakpoints", SetBreakpoints, execution_id="e").success
    step = client.call("step", Step, execution_id="e", run_to_next_breakpoint=True)
    assert step.success, step.message
    assert ends(session).status.value == COMPLETED
    again = client.call("step", Step, execution_id="e")
    assert not again.success
    assert "ended" in again.message


def test_an_action_waits_for_a_person(world, client):
    session = send(client, work("a", 1, require_confirmation=True), work("b", 2))
    waits(client, "asks")
    assert began(world) == []
    wrong = client.call("confirm", Confirm, execution_id="e", action_id="b", approve=True)
    assert not wrong.success
    right = client.call("confirm", Confirm, execution_id="e", action_id="a", approve=True)
    assert right.success, right.message
    assert ends(session).status.value == COMPLETED
    assert began(world) == [1, 2]


def test_a_refusal_fails_the_action(world, client):
    session = send(client, work("a", 1, require_confirmation=True))
    waits(client, "asks")
    client.call(
        "confirm", Confirm, execution_id="e", action_id="a", approve=False, comment="too near"
    )
    result = ends(session)
    assert result.status.value == ExecutionStatus.FAILED
    assert "too near" in result.message
    assert began(world) == []


def test_a_person_takes_a_resource_and_gives_it_back(world, client):
    world.server("left_work")
    wanted = [ResourceRequirement(resource="left", amount=1.0)]
    answer = client.call(
        "allocate_resources", AllocateResources, requirements=wanted, holder="maintenance"
    )
    assert answer.success, answer.message
    session = send(client, work("a", 1, "left_work"))
    waits(client, "held by maintenance")
    taken = client.call("allocate_resources", AllocateResources, requirements=wanted, holder="me")
    assert not taken.success
    assert client.call("release_resources", ReleaseResources, lease_ids=answer.lease_ids).success
    assert ends(session).status.value == COMPLETED


def test_a_checkpoint_is_made_listed_and_gone_back_to(world, client):
    session = send(client, work("a", 1), work("b", 2, require_confirmation=True), work("c", 3))
    waits(client, "asks")
    made = client.call("create_checkpoint", CreateCheckpoint, execution_id="e", reason="before b")
    assert made.success, made.message
    listed = client.call("list_checkpoints", ListCheckpoints, execution_id="e").checkpoints
    assert [one.checkpoint_id for one in listed] == [made.checkpoint.checkpoint_id]
    client.call("confirm", Confirm, execution_id="e", action_id="b", approve=True)
    assert ends(session).status.value == COMPLETED
    assert began(world) == [1, 2, 3]
    back = client.call("restore_checkpoint", RestoreCheckpoint, execution_id="e")
    assert back.success, back.message
    waits(client, "asks")
    answer = client.call("confirm", Confirm, execution_id="e", action_id="b", approve=True)
    assert answer.success, answer.message
    wait_for(lambda: began(world) == [1, 2, 3, 2, 3], 60.0, "b and c once more, and not a")


def test_a_dead_letter_is_listed_and_retried(world, client):
    world.server("left_work", "abort")
    session = send(client, work("a", 1, "left_work", retry={"max_attempts": 1}))
    assert ends(session).status.value == ExecutionStatus.FAILED
    answer = client.call("list_dead_letters", ListDeadLetters)
    (letter,) = answer.dead_letters
    assert json.loads(answer.analysis)
    early = client.call("retry_dead_letter", RetryDeadLetter, dead_letter_id=letter.dead_letter_id)
    assert not early.success
    assert "not to be retried for another" in early.message
    retry = {"dead_letter_id": letter.dead_letter_id}
    wait_for(
        lambda: client.call("retry_dead_letter", RetryDeadLetter, **retry).success,
        30.0,
        "the end of the letter's first wait",
    )
    wait_for(lambda: began(world, "left_work") == [1, 1], 60.0, "the retry")
    wait_for(
        lambda: client.call("retry_dead_letter", RetryDeadLetter, discard=True, **retry).success,
        20.0,
        "the end of the retry, after which it may be thrown away",
    )
    assert client.call("list_dead_letters", ListDeadLetters).dead_letters == []
