"""What a real Nav2 does in each situation, and what the node makes of it."""

from __future__ import annotations

import json
import os
import signal

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from nav2_msgs.srv import ManageLifecycleNodes
from nav_msgs.msg import Odometry

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Pause, Resume
from test.integration.ros.processes import FOUND_BY, ROOT, wait_for
from test.integration.ros.single_actions import ended, reason, send
from test.scripted_nav2.log import moves, open_goals
from test.scripted_nav2.log import read as read_log

pytestmark = pytest.mark.timeout(360)
ALL_BUT_BT = (
    *("base", "velocity_smoother", "controller_server", "planner_server", "behavior_server"),
    *("waypoint_follower", "docking_server", "lifecycle_manager"),
)
IN_THE_ROOM = {"x": 4.6, "y": 4.6}
EXECUTING = ExecutionStatus.EXECUTING


@pytest.fixture
def client(world):
    world.node(
        capability_files=f"[{ROOT / 'config' / 'capabilities.yaml'}]",
        recovery_file=ROOT / "config" / "recovery.yaml",
        server_timeout=FOUND_BY,
        web_port=0,
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


@pytest.fixture
def diagnosed(client):
    """Why servers cannot be used, by server, as /diagnostics tells it."""
    found = {}

    def on_diagnostics(message):
        for status in message.status:
            if status.name == "execution_orchestrator: shared robot":
                found.clear()
                found.update((value.key, value.value) for value in status.values)

    client._node.create_subscription(DiagnosticArray, "/diagnostics", on_diagnostics, 10)
    return found


def began(world, *actions):
    return [
        line["action"]
        for line in read_log(world.nav2_log)
        if line["what"] == "goal" and line["action"] in actions
    ]


def way_told(client):
    """The progress of the first action that ~/state shows; 0.0 as long as it shows none."""
    state = client.state
    shown = [one for execution in (state.executions if state else ()) for one in execution.actions]
    return shown[0].progress if shown else 0.0


def test_the_progress_of_a_drive_is_of_its_own_path(world, client):
    world.nav2()
    session = send(client, "navigate_through_poses", poses=[{"x": 5.0, "y": 0.0}])
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    session.cancel()
    ended(session, ExecutionStatus.CANCELLED)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    session = send(client, "navigate_through_poses", poses=[{"x": 0.0, "y": 1.5}])
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the second drive")

    def told():
        executing = [one for one in client.state.executions if one.status.value == EXECUTING]
        return [one.progress for execution in executing for one in execution.actions]

    wait_for(lambda: any(told()), 30.0, "some way")
    assert told()[0] < 0.5
    ended(session)


@pytest.mark.parametrize(
    ("action_type", "parameters", "server", "code"),
    [
        ("navigate_to", {"target_location": IN_THE_ROOM}, "navigate_to_pose", 208),
        (
            "navigate_through_poses",
            {"poses": [{"x": 1.0, "y": 0.0}, IN_THE_ROOM]},
            "navigate_through_poses",
            308,
        ),
    ],
)
def test_a_place_without_a_path_is_not_driven_to_a_second_time(
    world, client, action_type, parameters, server, code
):
    world.nav2()
    error = ended(send(client, action_type, **parameters), ExecutionStatus.FAILED).actions[0].error
    assert error.server_code == code
    assert "failed to plan from" in error.message  # the server's own words
    assert began(world, server) == [server]
    # The tree's own recoveries, and none of ours.
    assert began(world, "spin", "backup") == ["spin", "backup", "spin"]


def test_a_place_outside_the_map_is_given_up_at_once(world, client):
    world.nav2()
    place = {"x": 30.0, "y": 0.0}
    result = ended(send(client, "navigate_to", target_location=place), ExecutionStatus.FAILED)
    assert result.actions[0].error.server_code == 204
    assert not began(world, "spin", "backup", "follow_path")


def test_a_waypoint_that_cannot_be_reached_is_left_out_and_named(world, client):
    world.nav2()
    poses = [{"x": 1.0, "y": 0.0}, IN_THE_ROOM, {"x": -2.5, "y": 0.0}]
    session = send(client, "follow_waypoints", poses=poses)
    result = ended(session, ExecutionStatus.PARTIALLY_COMPLETED)
    missed = json.loads(result.actions[0].output)["missed_waypoints"]
    assert [(one["index"], one["error_code"]) for one in missed] == [(1, 208)]
    assert "go: 1 waypoint missed" in result.message
    assert "failed to plan from" in result.message  # long before the last waypoint was reached
    assert "somebody else" not in result.message
    assert len(began(world, "follow_waypoints")) == 1


def test_a_planner_that_was_deactivated_and_reset_is_waited_for(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 4.0, "y": 0.0})
    wait_for(lambda: began(world, "follow_path"), 30.0, "the drive")
    operator.change("planner_server", Transition.TRANSITION_DEACTIVATE)
    ended(session)
    assert not client.recoveries
    assert not began(world, "spin", "backup")


def test_an_inactive_stack_is_waited_for_before_anything_is_sent(
    world, client, operator, diagnosed
):
    world.nav2()
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    # The node looks at the graph once a second, and this stack is some milliseconds old.
    wait_for(lambda: "inactive" in diagnosed.get("navigate_to_pose", ""), 30.0, "the diagnosis")
    session = send(client, "navigate_to", target_location={"x": 1.0, "y": 0.0})
    wait_for(lambda: "inactive: paused by somebody?" in reason(client), 30.0, "the reason")
    operator.manage(ManageLifecycleNodes.Request.RESUME)
    result = ended(session)
    assert result.actions[0].attempt == 1
    refused = [line for line in read_log(world.nav2_log) if line["what"] == "refused"]
    assert not [line for line in refused if line["action"] == "navigate_to_pose"]
    assert not client.recoveries


def test_a_drive_that_sees_a_wall_is_not_sent_again(world, client):
    world.nav2()
    # The server looks no further than the drive goes: the wall has to be on its way.
    ended(send(client, "drive_on_heading", distance=2.0, speed=0.5))
    session = send(client, "drive_on_heading", distance=5.0, speed=0.5)
    error = ended(session, ExecutionStatus.FAILED).actions[0].error
    assert error.server_code == 723
    assert len(began(world, "drive_on_heading")) == 2
    assert not client.recoveries


def test_a_drive_backwards_is_asked_for_with_a_speed_backwards(world, client):
    world.nav2()
    ended(send(client, "drive_on_heading", distance=-0.4, speed=0.2))
    ended(send(client, "drive_on_heading", distance=0.0))

    def stood():
        return [line["x"] for line in read_log(world.nav2_log) if line["what"] == "stands"]

    wait_for(stood, 15.0, "a robot that stands")
    assert -0.7 < stood()[0] < -0.3


def test_a_pause_stops_a_blind_motion_and_the_rest_of_it_comes_later(world, client):
    world.nav2()
    session = send(client, "drive_on_heading", distance=1.5, speed=0.3)
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    wait_for(lambda: way_told(client) > 0.6, 60.0, "some way")
    assert client.call("pause", Pause).success
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    assert client.call("resume", Resume).success
    ended(session)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    assert len(began(world, "drive_on_heading")) == 2
    # On a busy machine the simulated base rolls on for some tenths; the whole way again is 0.6 more.
    ways = [line["way"] for line in read_log(world.nav2_log) if line["what"] == "stands"]
    assert ways[0] < 1.4
    assert sum(ways) == pytest.approx(1.5, abs=0.4)


@pytest.mark.parametrize(
    ("action_type", "parameters", "server"),
    [
        ("drive_on_heading", {"distance": 1.5, "speed": 0.3}, "drive_on_heading"),
        ("back_up", {"distance": 1.5, "speed": 0.3}, "backup"),
    ],
)
def test_of_a_blind_motion_that_says_nothing_counts_what_was_seen(
    world, client, action_type, parameters, server
):
    world.nav2(options=("--fault", "feedback off"))
    away = [0.0]

    def on_odometry(message):
        away.append(abs(message.pose.pose.position.x))

    client._node.create_subscription(Odometry, "/odom", on_odometry, 10)
    session = send(client, action_type, **parameters)
    wait_for(lambda: away[-1] > 0.5, 60.0, "some way")
    assert client.call("pause", Pause).success
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    assert client.call("resume", Resume).success
    ended(session)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    assert began(world, server) == [server, server]
    ways = [line["way"] for line in read_log(world.nav2_log) if line["what"] == "stands"]
    assert 0.3 < ways[0] < 1.4
    assert sum(ways) == pytest.approx(1.5, abs=0.4)


def test_a_round_that_ends_where_it_began_is_not_done_without_a_move(world, client):
    world.nav2()
    round_trip = [{"x": 1.5, "y": 0.0}, {"x": 0.0, "y": 0.0}]
    error = ended(send(client, "navigate_through_poses", poses=round_trip), ExecutionStatus.FAILED)
    assert error.actions[0].error.code == "NAV_NOT_PASSED"
    assert "poses[0] (1.50 m)" in error.actions[0].error.message
    there = [{"x": 1.5, "y": 0.0}, {"x": 1.5, "y": 1.5}]
    ended(send(client, "navigate_through_poses", poses=there))


@pytest.mark.parametrize(
    ("capability", "parameters"),
    [
        ("navigate_to", {"target_location": {"x": 5.0, "y": 0.0}}),
        ("follow_waypoints", {"poses": [{"x": 5.0, "y": 0.0}]}),
    ],
)
def test_a_drive_whose_path_somebody_cancelled_has_not_arrived(
    world, client, operator, capability, parameters
):
    world.nav2()
    session = send(client, capability, **parameters)
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    operator.cancel_all("follow_path")
    error = ended(session, ExecutionStatus.FAILED).actions[0].error
    assert error.code == "NAV_NOT_AT_TARGET"
    assert len(began(world, "navigate_to_pose")) == 1
    assert not client.recoveries


def test_a_planner_that_answers_too_late_costs_attempts_and_no_motion(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 4.0, "y": 0.0})
    wait_for(lambda: began(world, "follow_path"), 30.0, "the drive")
    operator.fault("time off")
    wait_for(
        lambda: any(line.get("status") == "aborted" for line in read_log(world.nav2_log)),
        30.0,
        "an abort",
    )
    operator.fault("time on")
    ended(session)
    assert {one.strategy for one in client.recoveries} <= {"retry"}
    assert not began(world, "spin", "backup")


def test_a_controller_that_acknowledges_too_late_drives_for_nobody(world, client, operator):
    world.nav2()
    ended(send(client, "navigate_to", target_location={"x": 0.5, "y": 0.0}))
    operator.fault("accept follow_path late")
    session = send(client, "navigate_to", target_location={"x": 4.0, "y": 0.0})
    wait_for(
        lambda: any(line.get("status") == "aborted" for line in read_log(world.nav2_log)),
        30.0,
        "an abort",
    )
    operator.fault("accept follow_path works")
    ended(session)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 6.0, "a robot that stands")
    assert not open_goals(read_log(world.nav2_log))
    assert {one.strategy for one in client.recoveries} <= {"retry"}
    assert not began(world, "spin", "backup")


def test_a_drive_that_a_person_cancelled_does_not_begin_again_by_itself(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 4.0, "y": 0.0})
    wait_for(lambda: began(world, "follow_path"), 30.0, "the drive")
    operator.cancel_all("navigate_to_pose")
    result = ended(session, ExecutionStatus.FAILED)
    assert result.actions[0].error.code == "GOAL_CANCELLED"
    assert len(began(world, "navigate_to_pose")) == 1
    assert not client.recoveries


def test_a_drive_that_is_cancelled_has_ended_everywhere_and_stands(world, client):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 5.0, "y": 0.0})
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    session.cancel()
    ended(session, ExecutionStatus.CANCELLED)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    lines = read_log(world.nav2_log)
    assert not open_goals(lines)
    ends = {line["action"]: line["status"] for line in lines if line["what"] == "end"}
    assert ends["navigate_to_pose"] == ends["follow_path"] == "canceled"
    assert not client.recoveries


def test_what_a_navigator_left_behind_when_it_was_cancelled_is_stopped(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 5.0, "y": 0.0})
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    operator.fault("relay off")
    session.cancel()
    ended(session, ExecutionStatus.CANCELLED)
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    stood = [line for line in read_log(world.nav2_log) if line["what"] == "stands"][-1]
    assert stood["x"] < 4.5
    wait_for(lambda: not open_goals(read_log(world.nav2_log)), 30.0, "no goal")


def test_a_navigator_that_ignores_its_cancel_does_not_drive_for_long(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 5.0, "y": 0.0})
    wait_for(lambda: moves(read_log(world.nav2_log)), 30.0, "the drive")
    operator.fault("cancel navigate_to_pose ignored")
    session.cancel()
    wait_for(lambda: not moves(read_log(world.nav2_log)), 15.0, "a robot that stands")
    wait_for(lambda: "goes on 1.5 s after the cancel" in reason(client), 30.0, "the words")
    stood = [line for line in read_log(world.nav2_log) if line["what"] == "stands"][-1]
    assert stood["x"] < 4.5
    ended(session, ExecutionStatus.CANCELLED)


def test_a_navigator_that_is_held_is_named_before_it_is_given_up(world, client):
    world.nav2(*ALL_BUT_BT)
    navigator = world.nav2("bt_navigator")
    session = send(client, "navigate_to", target_location={"x": 5.0, "y": 0.0})
    wait_for(lambda: moves(read_log(world.nav2_log)), 60.0, "the drive")
    wait_for(lambda: client.state.executions[0].actions[0].progress > 0.2, 60.0, "some way")
    os.kill(navigator.process.pid, signal.SIGSTOP)
    try:
        wait_for(
            lambda: "navigate_to_pose has not answered since" in reason(client), 60.0, "the reason"
        )
    finally:
        os.kill(navigator.process.pid, signal.SIGCONT)
    result = ended(session)
    assert result.actions[0].attempt == 1
    assert "has not answered" not in reason(client)
