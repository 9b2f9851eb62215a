"""Beside a Nav2 that others use, pause and kill: recognised, waited for, and nothing moves."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

import pytest
from nav2_msgs.srv import ManageLifecycleNodes

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Pause, Resume
from test.integration.ros.processes import FOUND_BY, ROOT, wait_for
from test.scripted_nav2.log import moves
from test.scripted_nav2.log import read as read_log

pytestmark = pytest.mark.timeout(360)
CONFIG = ROOT / "config"
BEHIND_THE_NAVIGATOR = ("spin", "backup", "drive_on_heading")


@pytest.fixture
def client(world):
    world.node(
        capability_files=f"[{CONFIG / 'capabilities.yaml'}]",
        recovery_file=CONFIG / "recovery.yaml",
        server_timeout=FOUND_BY,
        web_port=0,
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def plan(action_type: str, **parameters: object) -> str:
    action = {"id": "go", "action_type": action_type, "parameters": parameters}
    return json.dumps({"version": 1, "actions": [action]})


def drive(x: float, y: float = 0.0) -> str:
    return plan("navigate_to", target_location={"x": x, "y": y})


def reason(client: OrchestratorClient) -> str:
    """Why the actions stand where they stand, from ~/state."""
    state = client.state
    executions = state.executions if state else ()
    return "; ".join(one.reason for execution in executions for one in execution.actions)


def phase(client: OrchestratorClient) -> str:
    state = client.state
    actions = [one for execution in state.executions for one in execution.actions] if state else ()
    return "; ".join(one.phase for one in actions)


def began(log: Path, *actions: str) -> list[str]:
    return [
        line["action"]
        for line in read_log(log)
        if line["what"] == "goal" and line["action"] in actions
    ]


def completed(session) -> object:
    assert session.done.wait(90.0), "no result in time"
    result = session.result
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    return result


def test_an_operators_goal_is_waited_for_and_never_aborted(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "navigate_to_pose"), 30.0, "our drive")
    theirs = operator.drive(-1.0, 0.0)
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    completed(session)
    ends = [line for line in read_log(world.nav2_log) if line["what"] == "end"]
    by_goal = {line["id"]: line["status"] for line in ends}
    assert by_goal[bytes(bytearray(theirs.goal_id.uuid)).hex()] == "succeeded"
    assert len(began(world.nav2_log, "navigate_to_pose")) == 3
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_plan_does_not_begin_while_another_navigator_works(world, client, operator):
    world.nav2()
    operator.drive_through((1.0, 0.0), (-1.0, 0.0))
    wait_for(lambda: began(world.nav2_log, "navigate_through_poses"), 60.0, "their drive")
    completed(client.send(plan=drive(1.0)))
    lines = read_log(world.nav2_log)
    order = [line["what"] for line in lines if str(line.get("action", "")).startswith("navigate_")]
    assert order == ["goal", "end", "goal", "end"]
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_stack_that_is_paused_is_waited_for(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "navigate_to_pose"), 30.0, "our drive")
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    wait_for(lambda: "inactive" in reason(client), 30.0, "the reason")
    assert not session.done.is_set()
    operator.manage(ManageLifecycleNodes.Request.RESUME)
    completed(session)
    assert not client.recoveries
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_dead_controller_is_named_and_nothing_moves_until_it_is_back(world, client, operator):
    others = [
        *("base", "velocity_smoother", "planner_server", "behavior_server", "bt_navigator"),
        *("waypoint_follower", "docking_server"),
    ]
    controller = world.nav2("controller_server")
    world.nav2(*others)
    completed(client.send(plan=drive(0.3)))  # all servers are known
    client.recoveries.clear()
    before = len(began(world.nav2_log, "follow_path"))
    session = client.send(plan=drive(4.0))
    wait_for(lambda: len(began(world.nav2_log, "follow_path")) > before, 30.0, "our drive")
    controller.kill()
    # The graph has it until its lease ends: ten seconds, twenty with Fast DDS.
    wait_for(lambda: "controller_server" in reason(client), 90.0, "the reason")
    assert not session.done.is_set()
    world.nav2("controller_server")
    completed(session)
    assert not client.recoveries
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_goal_that_takes_a_waypoint_away_is_told_with_the_missed_waypoint(
    world, client, operator
):
    world.nav2()
    poses = [{"x": 4.0, "y": 0.0}, {"x": 2.0, "y": 0.0}]
    session = client.send(plan=plan("follow_waypoints", poses=poses))
    wait_for(lambda: began(world.nav2_log, "follow_path"), 30.0, "our drive")
    operator.drive(-1.0, 0.0)
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    assert session.done.wait(90.0)
    assert session.result.status.value == ExecutionStatus.PARTIALLY_COMPLETED
    assert (
        "1 waypoint missed (index 0); somebody else uses navigate_to_pose" in session.result.message
    )
    assert not client.recoveries


def test_waypoints_that_were_reached_before_a_takeover_are_not_driven_to_again(
    world, client, operator
):
    world.nav2()
    poses = [{"x": float(x), "y": 0.0} for x in (1, 2, 3)]
    session = client.send(plan=plan("follow_waypoints", poses=poses))
    wait_for(lambda: len(began(world.nav2_log, "navigate_to_pose")) == 3, 60.0, "the last leg")
    operator.follow_waypoints((1.0, 0.0))
    completed(session)
    # Three of ours, theirs, and the one that was on the way.
    assert len(began(world.nav2_log, "navigate_to_pose")) == 5


def test_a_dock_whose_drive_was_taken_over_is_tried_again_afterwards(world, client, operator):
    world.nav2()
    session = client.send(plan=plan("dock", dock_id="home"))
    wait_for(lambda: began(world.nav2_log, "follow_path"), 30.0, "our drive")
    operator.drive(1.0, 0.0)
    drives = partial(began, world.nav2_log, "navigate_to_pose")
    wait_for(lambda: len(drives()) == 3, 60.0, "the second try of the docking server")
    operator.drive(1.0, 0.0)
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    completed(session)
    assert len(began(world.nav2_log, "dock_robot")) == 2
    assert not client.recoveries
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_who_drives_while_the_docking_server_steers_itself_is_told_at_once(world, client, operator):
    world.nav2(options=("--fault", "charge off"))
    session = client.send(plan=plan("dock", dock_id="home"))
    charges = "waiting for charge"
    wait_for(lambda: phase(client) == charges, 60.0, "a robot in the dock")
    operator.drive(1.0, 0.0)
    wait_for(lambda: "somebody else uses navigate_to_pose" in reason(client), 10.0, "the reason")
    assert not session.done.is_set()
    operator.fault("charge on")
    completed(session)
    assert len(began(world.nav2_log, "dock_robot")) == 1


def test_nothing_drives_while_the_controller_follows_somebody_elses_path(world, client, operator):
    world.nav2()
    completed(client.send(plan=drive(0.5)))  # all servers are known
    time.sleep(2.0)  # what begins sooner may be our navigator's own
    before = len(read_log(world.nav2_log))
    paths = len(began(world.nav2_log, "follow_path"))
    operator.follow((3.0, 0.0))
    wait_for(lambda: len(began(world.nav2_log, "follow_path")) > paths, 60.0, "their path")
    session = client.send(plan=drive(-1.0))
    wait_for(lambda: "somebody else uses follow_path" in reason(client), 30.0, "the reason")
    completed(session)
    order = [
        (line["what"], line["action"])
        for line in read_log(world.nav2_log)[before:]
        if line.get("action") in ("follow_path", "navigate_to_pose")
    ]
    assert order[:3] == [
        ("goal", "follow_path"),
        ("end", "follow_path"),
        ("goal", "navigate_to_pose"),
    ]


def test_what_the_server_said_is_part_of_the_error_and_nothing_moves(world, client):
    world.nav2()
    parameters = {"target_location": {"x": 1.0, "y": 0.0}, "behavior_tree": "/nowhere/tree.xml"}
    session = client.send(plan=plan("navigate_to", **parameters))
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.FAILED
    assert "BT file not found: /nowhere/tree.xml" in session.result.message
    # The file will not be there for a second attempt either.
    assert session.result.actions[0].attempt == 1
    assert session.result.actions[0].error.code == "NAV2_NO_BEHAVIOR_TREE"
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_docked_twice_and_undocked_twice_is_done_with_a_warning(world, client):
    world.nav2()
    once = {"dock": {"dock_id": "home"}, "undock": {}}
    actions = [
        {"id": f"{kind}_{turn}", "action_type": kind, "parameters": once[kind]}
        for kind in once
        for turn in (1, 2)
    ]
    document = {"version": 1, "ordering": "sequence", "actions": actions}
    result = completed(client.send(plan=json.dumps(document)))
    # Nothing was sent again, and nothing recovered.
    assert began(world.nav2_log, "dock_robot", "undock_robot") == [
        *("dock_robot", "dock_robot", "undock_robot", "undock_robot"),
    ]
    assert not client.recoveries
    assert len(began(world.nav2_log, "navigate_to_pose")) == 1
    warned = {a.action_id for a in result.actions if "although it aborted the goal" in a.reason}
    assert warned == {"dock_2", "undock_2"}
    assert any("already docked" in a.reason for a in result.actions)
    assert any("not in the dock" in a.reason for a in result.actions)
    assert not any("[ActionServer]" in a.reason for a in result.actions)
    assert not result.deviations


@pytest.mark.parametrize(
    ("action_type", "parameters", "server"),
    [
        ("undock", {}, "undock_robot"),
        (
            "navigate_to",
            {"target_location": {"x": 1.0, "y": 0.0}, "behavior_tree": "/nowhere/tree.xml"},
            "navigate_to_pose",
        ),
    ],
)
def test_who_used_the_robot_before_our_goal_has_not_taken_it_over(
    world, client, operator, action_type, parameters, server
):
    world.nav2()
    operator.drive(4.0, 0.0)
    wait_for(lambda: moves(read_log(world.nav2_log)), 60.0, "their drive")
    session = client.send(plan=plan(action_type, **parameters))
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    theirs = len(began(world.nav2_log, server))
    assert session.done.wait(60.0)
    assert len(began(world.nav2_log, server)) == theirs + 1


def test_a_turn_that_had_too_little_time_gets_more(world, client):
    world.nav2()
    completed(client.send(plan=plan("spin", angle=3.0, time_allowance=1.5)))
    assert len(began(world.nav2_log, "spin")) == 2


def test_a_position_that_falls_silent_is_told(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    # It plans anew once a second: after some seconds the node has heard where the robot is.
    wait_for(lambda: len(began(world.nav2_log, "compute_path_to_pose")) > 3, 30.0, "our drive")
    operator.fault("tf off", "odometry off")
    wait_for(lambda: "no position since" in reason(client), 30.0, "the reason")
    operator.fault("odometry on", "tf on")
    completed(session)


@pytest.mark.parametrize("frame", ["base_link", "laser"])
def test_ahead_of_a_robot_whose_place_is_not_known_is_fixed_before_it_drives(
    world, client, operator, frame
):
    world.nav2()
    operator.put_frame("laser", "base_link")
    there = {"id": "there", "action_type": "navigate_to"}
    ahead = {"id": "ahead", "action_type": "navigate_to", "depends_on": ["there"]}
    there["parameters"] = {"target_location": {"x": 3.0, "y": 0.0}}
    ahead["parameters"] = {"target_location": {"x": 2.0, "y": 0.0, "frame": frame}}
    session = client.send(plan=json.dumps({"version": 1, "actions": [there, ahead]}))
    wait_for(lambda: began(world.nav2_log, "navigate_to_pose"), 30.0, "our drive")
    operator.fault("tf off")
    wait_for(lambda: "tf has not said where" in reason(client), 60.0, "the reason")
    operator.fault("tf on")
    wait_for(lambda: len(began(world.nav2_log, "navigate_to_pose")) == 2, 30.0, "the second")
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "our second drive")
    assert client.call("pause", Pause).success
    wait_for(lambda: not moves(read_log(world.nav2_log)), 30.0, "a robot that stands")
    assert client.call("resume", Resume).success
    result = completed(session)
    assert result.actions[1].error.code == ""
    place = json.loads(result.actions[1].output)["final_pose"]
    assert (place["frame"], place["x"]) == ("map", pytest.approx(5.0, abs=0.5))


def test_somebody_elses_goal_in_an_unknown_frame_drives_to_our_place_and_is_waited_for(
    world, client, operator
):
    world.nav2()
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "follow_path"), 30.0, "our drive")
    operator.drive(1.0, 0.0, frame="moon")
    wait_for(lambda: "somebody else uses navigate_to_pose" in reason(client), 30.0, "the reason")
    completed(session)
    assert not client.recoveries
    assert len(began(world.nav2_log, "navigate_to_pose")) == 3  # ours, theirs, and ours again


def test_a_frame_that_tf_does_not_know_is_not_sent(world, client):
    world.nav2()
    completed(client.send(plan=drive(0.3)))  # tf is heard by now
    place = {"x": 1.0, "y": 0.0, "frame": "moon"}
    session = client.send(plan=plan("navigate_to", target_location=place))
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.FAILED
    assert "tf knows no frame moon" in session.result.message
    assert session.result.actions[0].attempt == 1
    assert len(began(world.nav2_log, "navigate_to_pose")) == 1


def test_a_frame_that_tf_knows_a_moment_later_is_waited_for(world, client, operator):
    world.nav2()
    completed(client.send(plan=drive(0.3)))
    place = {"x": 1.0, "y": 0.0, "frame": "table"}
    session = client.send(plan=plan("navigate_to", target_location=place))
    wait_for(lambda: "tf knows no frame table" in reason(client), 30.0, "the reason")
    assert len(began(world.nav2_log, "navigate_to_pose")) == 1
    operator.put_frame("table")
    wait_for(lambda: len(began(world.nav2_log, "navigate_to_pose")) == 2, 30.0, "our drive")
    assert not session.done.is_set()


def test_an_operators_goal_outlives_the_memory_of_a_dead_navigator(world, client, operator):
    """The graph forgets the dead process while the operator drives with its successor."""
    navigator = world.nav2("bt_navigator")
    world.nav2(
        *("base", "velocity_smoother", "controller_server", "planner_server", "behavior_server")
    )
    completed(client.send(plan=drive(0.5)))
    navigator.kill()
    world.nav2("bt_navigator")
    theirs = operator.drive(-5.5, 0.0)
    session = client.send(plan=drive(1.0))
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    # They drive for twelve seconds, longer than the lease of the dead process.
    completed(session)
    ends = {
        line["id"]: line["status"] for line in read_log(world.nav2_log) if line["what"] == "end"
    }
    assert ends[bytes(bytearray(theirs.goal_id.uuid)).hex()] == "succeeded"
