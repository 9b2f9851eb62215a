"""Conversations with the running node and the simulated robot, across restarts of the node."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys

import pytest

from execution_orchestrator.msg import ExecutionStatus
from test.integration.planning.conftest import start_robot
from test.integration.ros.processes import ROOT, wait_for

pytestmark = pytest.mark.timeout(400)
SHIPPED = {
    "capability_files": "[capabilities.yaml]",
    "places_file": "places.yaml",
    "recovery_file": "recovery.yaml",
    "llm_base_url": "''",
}


def said(client, text, **fields):
    session = client.send(command=text, **fields)
    assert session.done.wait(120.0), text
    return session.result


def done(client, text, **fields):
    """Say something, and return what its actions put out."""
    result = said(client, text, **fields)
    assert result.status.value == ExecutionStatus.COMPLETED, (text, result.message)
    output = json.loads(result.output)
    return {**output, **(output.get("conditional") or {})}


def begun(client, text, execution_id):
    """Say something that goes on, and return its session when the node has told that it does.

    That is read from the state topic: the first feedback of a goal does not reach a client that
    the node has only half found yet, and a wait has no second one. The limit only ends a test that
    hangs; a goal that ended instead says why.
    """
    session = client.send(command=text, execution_id=execution_id)
    wait_for(
        lambda: session.done.is_set() or goes_on(client, execution_id),
        120.0,
        f"the first word of {text!r}",
    )
    assert not session.done.is_set(), session.result.message
    return session


def goes_on(client, execution_id):
    executions = client.state.executions if client.state is not None else ()
    return any(
        one.execution_id == execution_id and one.status.value == ExecutionStatus.EXECUTING
        for one in executions
    )


def at_the_terminal(world, command, answer):
    """Say something with `run` in a terminal, answer what is asked, and return what was shown."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "run"), command],
        env={**world.env, "TERM": "xterm", "COLUMNS": "120"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown, asked = "", False
    try:
        while select.select([ours], [], [], 60.0)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            shown += part.decode(errors="replace")
            if not asked and "y or n" in shown:
                os.write(ours, f"{answer}\n".encode())
                asked = True
        assert run.wait(10.0) == 0, shown
    finally:
        run.kill()
        run.wait()
        os.close(ours)
    return shown


def another_life(world, start):
    """Kill -9 the node and start it again; until the dead one is forgotten, goals may go to it."""
    next(one for one in reversed(world.processes) if one.output.name == "node.out").kill()
    client = start(**SHIPPED)
    wait_for(lambda: client.state is not None, 90.0, "the new node's first word")
    return client


def test_it_and_what_is_held_survive_a_restart(world, start):
    start_robot(world, "world", "navigation", "move_group", "gripper", "camera", "speech")
    client = start(**SHIPPED)
    # A tall object stands on the table, where it is seen and picked up again.
    assert "place_at_living_room" in done(client, "bring me the bottle")
    assert "place_at_shelf" in done(client, "put it on the shelf")
    done(client, "what is in the kitchen?")
    assert "which one: the red cup or the blue cup" in said(client, "bring me the cup").message
    assert "place_at_living_room" in done(client, "the red one")
    client = another_life(world, start)
    back = done(client, "bring it back")
    assert back["place_at_kitchen"]["object_id"] == "red_cup"
    assert back["place_at_kitchen"]["place_pose"]["x"] == pytest.approx(4.6, abs=0.1)
    done(client, "pick up the red cup")
    client = another_life(world, start)
    refused = said(client, "bring me the book")
    assert "the gripper holds the red cup" in refused.message
    put = done(client, "put it on the shelf")
    assert set(put) == {"go_to_shelf", "place_at_shelf"}, put
    # Another conversation knows nothing of this one.
    assert "no earlier command" in said(client, "do that again", conversation_id="other").message
    assert "place_at_living_room" in done(client, "bring me the book")


def test_what_runs_is_stopped_by_a_word(world, start):
    start_robot(world, "world", "navigation", "speech")
    client = start(**SHIPPED)
    assert "nothing runs here" in said(client, "stop").message
    patrol = begun(client, "patrol the kitchen and the shelf until I say stop", "p")
    other = begun(client, "wait 5 minutes", "w")
    assert "several are running" in said(client, "stop").message
    home = done(client, "stop the patrol and then come home")
    assert patrol.done.is_set()
    assert patrol.result.status.value == ExecutionStatus.CANCELLED
    assert set(home) == {"go_to_home"}
    assert not other.done.is_set()
    stopped = said(client, "stop it")
    assert stopped.status.value == ExecutionStatus.COMPLETED, stopped.message
    assert "wait 5 minutes" in json.loads(stopped.output)
    assert other.done.wait(60.0)
    assert "did you mean" in said(client, "go to the kitchn").message
    assert set(done(client, "yes please")) == {"go_to_kitchen"}
    assert set(done(client, "do that again")) == {"go_to_kitchen"}
    patrol = begun(client, "keep patrolling the shelf and the kitchen", "k")
    assert set(done(client, "what are you doing?")) == {"tell_doing"}
    assert set(done(client, "no, go to the door")) == {"go_to_door"}
    assert patrol.done.wait(60.0)
    assert patrol.result.status.value == ExecutionStatus.CANCELLED
    told = at_the_terminal(world, "go to the shlef", "y")
    assert "did you mean: go to the shelf?" in told
    assert "COMPLETED" in told


def test_what_is_first_and_for_how_long_is_done_so(world, start):
    start_robot(world, "world", "navigation", "camera", "speech")
    client = start(**SHIPPED)
    seen = done(client, "look around for 20 seconds but first go to the kitchen")
    assert seen["go_to_kitchen"] is not None, seen
    assert "how long?" in said(client, "wait").message
    assert set(done(client, "2 seconds")) == {"delay"}
