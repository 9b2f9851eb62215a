"""The node beside a scripted Nav2: what it says is what the robot does."""

from __future__ import annotations

import json
import math
import time

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import GetExecution, Pause, Resume
from test.integration.ros.processes import FOUND_BY, ROOT, wait_for
from test.scripted_nav2.log import moves, open_goals, read

pytestmark = pytest.mark.timeout(360)
ALL_BUT_BT = (
    *("base", "velocity_smoother", "controller_server", "planner_server", "behavior_server"),
    *("waypoint_follower", "docking_server", "lifecycle_manager"),
)


@pytest.fixture
def client(world):
    world.node(
        capability_files=f"[{ROOT / 'config' / 'capabilities.yaml'}]",
        web_port=0,
        server_timeout=FOUND_BY,
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def go(client, x, y=0.0, **more):
    target = {"x": x, "y": y, **more.pop("place", {})}
    action = {"id": "go", "action_type": "navigate_to", "parameters": {"target_location": target}}
    plan = {"version": 1, "actions": [{**action, **more}]}
    return client.send(plan=json.dumps(plan), execution_id="drive")


def ended(session, timeout=60.0):
    assert session.done.wait(timeout), "no result"
    return session.result


def drives(world):
    return lambda: moves(read(world.nav2_log))


def last_place(world):
    return [line for line in read(world.nav2_log) if line["what"] == "stands"][-1]


def state_of(client):
    return client.call("get_execution", GetExecution, execution_id="drive").state


def test_a_target_in_the_robots_frame_is_the_same_place_after_a_pause(world, client):
    world.nav2()
    session = go(client, 2.5, place={"frame": "base_link", "yaw": 0.0})
    wait_for(drives(world), 60.0, "the drive")
    wait_for(lambda: state_of(client).actions[0].progress > 0.3, 60.0, "a third of the way")
    assert client.call("pause", Pause, reason="people").success
    wait_for(lambda: not drives(world)(), 15.0, "a robot that stands")
    assert client.call("resume", Resume).success
    result = ended(session)
    assert result.status.value == ExecutionStatus.COMPLETED
    wait_for(lambda: not drives(world)(), 30.0, "the end")
    assert last_place(world)["x"] == pytest.approx(2.5, abs=0.25)
    output = json.loads(result.actions[0].output)
    assert output["position_error"] < 0.35
    assert output["final_pose"]["frame"] == "map"


def test_a_server_that_ends_beside_the_target_has_not_arrived(world, client):
    world.nav2()
    session = go(client, 2.0, -2.0)  # the middle of the pillar
    result = ended(session)
    assert result.status.value == ExecutionStatus.FAILED
    action = result.actions[0]
    assert action.error.code == "NAV_NOT_AT_TARGET"
    assert "m beside the target (0.35 m are allowed)" in action.error.message
    assert action.attempt == 1


def test_a_server_that_died_is_not_a_robot_that_stands(world, client):
    world.nav2(*ALL_BUT_BT)
    navigator = world.nav2("bt_navigator")
    session = go(client, -5.0, -5.0, retry={"max_attempts": 1})
    wait_for(drives(world), 60.0, "the drive")
    wait_for(lambda: state_of(client).actions[0].progress > 0.15, 60.0, "a part of the way")
    navigator.kill()
    killed = time.monotonic()
    # The controller goes on without its client: it is stopped long before the end of the path.
    wait_for(lambda: not drives(world)(), 60.0, "a robot that stands")
    print(f"stands {time.monotonic() - killed:.1f} s after the kill")
    there = last_place(world)
    assert math.hypot(there["x"] + 5.0, there["y"] + 5.0) > 0.5
    assert [goal["action"] for goal in open_goals(read(world.nav2_log))] in (
        [],
        ["navigate_to_pose"],
    )
    # The drive waits for its server, which is named, and goes on when that is back; what was lost
    # is not counted against its one attempt.
    wait_for(
        lambda: "navigat" in state_of(client).actions[0].reason, 60.0, "the reason of the wait"
    )
    assert not session.done.is_set()
    # It rejects goals until its lifecycle is active.
    world.nav2("bt_navigator", options=("--activate-after", "5"))
    result = ended(session, 90.0)
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    # Nothing stays held.
    wait_for(
        lambda: all(not one.leases for one in client.state.resources), 60.0, "the base to be free"
    )
