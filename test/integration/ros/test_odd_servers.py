"""Servers that count, end and answer as none should: what was done counts, and what is told is true."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from control_msgs.action import GripperCommand
from nav2_msgs.action import (
    BackUp,
    DockRobot,
    FollowWaypoints,
    NavigateThroughPoses,
    NavigateToPose,
    UndockRobot,
)
from nav2_msgs.msg import MissedWaypoint

from execution_orchestrator.engine.attempts import DONE_TWICE, FRESH
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel, GetExecution, Pause, Resume, SetBreakpoints
from test.integration.ros.processes import ROOT, wait_for
from test.integration.ros.scripted_robot import ScriptedRobot, scripted_robot
from test.integration.ros.single_actions import ended

pytestmark = pytest.mark.timeout(360)
CONFIG = ROOT / "config"
POSES = [{"x": float(number), "y": 0.0} for number in range(4)]
DRIVE = {"action_type": "navigate_to", "parameters": {"target_location": {"x": 3.0, "y": 0.0}}}


@pytest.fixture
def robot(world) -> Iterator[ScriptedRobot]:
    with scripted_robot() as made:
        yield made


@pytest.fixture
def client(world, robot) -> Iterator[OrchestratorClient]:
    world.node(
        capability_files=f"[{CONFIG / 'capabilities.yaml'}]",
        recovery_file=CONFIG / "recovery.yaml",
        cancel_timeout=1.5,
        cancel_patience=0.7,
        web_port=0,
    )
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def send(client, *actions, **more):
    plan = {"version": 1, "ordering": "sequence", "actions": list(actions), **more}
    return client.send(plan=json.dumps(plan), execution_id="errand")


def pause_and_resume(client, robot):
    assert client.call("pause", Pause, execution_id="errand").success
    robot.wait("canceled")
    assert client.call("resume", Resume, execution_id="errand").success


def counting(robot, field, counts, asked):
    """Tell these counts, then work on until the cancel; a second goal succeeds at once."""

    def play(goal):
        robot.note("sent", *asked(goal.request))
        if goal.number > 1:
            return goal.end("succeed")
        for count in counts:
            goal.feedback(**{field: count})
        robot.note("told")
        goal.until_cancelled()
        return goal.end("canceled")

    return play


@pytest.mark.parametrize(
    ("counts", "first"),
    [([0, 1, 2, 1], 2), ([0, 1, 7], 1), ([], 0)],
    ids=["back", "beyond the list", "nothing"],
)
def test_waypoints_that_were_passed_are_not_visited_again(client, robot, counts, first):
    play = counting(robot, "current_waypoint", counts, lambda goal: [goal.goal_index])
    robot.serve(FollowWaypoints, "follow_waypoints", play)
    action = {"action_type": "follow_waypoints", "parameters": {"poses": POSES}}
    session = send(client, action)
    robot.wait("told")
    reaches(client, first if counts else None)
    pause_and_resume(client, robot)
    ended(session)
    assert [note[1] for note in robot.notes if note[0] == "sent"] == [0, first]


def test_rounds_that_were_made_are_not_made_again(client, robot):
    play = counting(
        robot,
        "current_waypoint",
        [0, 1, 2, 3, 0, 1],
        lambda goal: [goal.goal_index, goal.number_of_loops],
    )
    robot.serve(FollowWaypoints, "follow_waypoints", play)
    parameters = {"poses": POSES, "number_of_loops": 2}
    session = send(client, {"action_type": "follow_waypoints", "parameters": parameters})
    robot.wait("told")
    reaches(client, 1)
    pause_and_resume(client, robot)
    ended(session)
    assert [note[1:] for note in robot.notes if note[0] == "sent"] == [(0, 2), (1, 1)]


def paused_tour(client, robot, first, second, **more):
    """Send a tour that is paused at its third place; its two goals miss these places."""

    def play(goal):
        places = second if goal.number > 1 else first
        missed = [MissedWaypoint(index=place, error_code=204) for place in places]
        if goal.number > 1:
            return goal.end("succeed", missed_waypoints=missed)
        goal.feedback(current_waypoint=2)
        robot.note("told")
        goal.until_cancelled()
        return goal.end("canceled", missed_waypoints=missed)

    robot.serve(FollowWaypoints, "follow_waypoints", play)
    action = {"action_type": "follow_waypoints", "parameters": {"poses": POSES}}
    session = send(client, {**action, **more})
    robot.wait("told")
    reaches(client, 2)
    pause_and_resume(client, robot)
    return session


def test_what_each_of_two_goals_missed_is_in_the_output(client, robot):
    session = paused_tour(client, robot, [0], [3], id="tour")
    result = ended(session, ExecutionStatus.PARTIALLY_COMPLETED)
    output = json.loads(result.output)["tour"]
    assert [one["index"] for one in output["missed_waypoints"]] == [0, 3]
    assert output["missed"] == 2


def test_a_tour_whose_goals_missed_everything_between_them_has_failed(client, robot):
    session = paused_tour(client, robot, [0, 1], [2, 3], retry={"max_attempts": 1})
    result = ended(session, ExecutionStatus.FAILED)
    assert "nothing of it was done" in result.message


def test_poses_that_were_passed_are_not_driven_to_again(client, robot):
    play = counting(robot, "number_of_poses_remaining", [4, 2, 9], lambda goal: [len(goal.poses)])
    robot.serve(NavigateThroughPoses, "navigate_through_poses", play)
    session = send(
        client, {"action_type": "navigate_through_poses", "parameters": {"poses": POSES}}
    )
    robot.wait("told")
    reaches(client, 2)
    pause_and_resume(client, robot)
    ended(session)
    assert [note[1] for note in robot.notes if note[0] == "sent"] == [4, 2]


def reaches(client, number):
    """Wait until the node has journalled that the goal has come so far; None: no count comes."""

    def told():
        answer = client.call(
            "get_execution", GetExecution, execution_id="errand", include_events=True
        )
        events = [one for one in answer.events if one.type == "TASK_REACHED"]
        return events and json.loads(events[-1].data).get("reached") == number

    if number is not None:
        wait_for(told, 20.0, f"the count {number}")


def actions(client):
    state = client.state
    return [one for run in (state.executions if state else ()) for one in run.actions]


def aborting(feedback):
    """Tell this feedback and abort, goal after goal; one without feedback succeeds."""
    left = iter(feedback)

    def play(goal):
        goal.robot.note("sent", round(goal.request.target.x, 3))
        fields = next(left, None)
        if fields is None:
            return goal.end("succeed")
        for one in fields:
            goal.feedback(distance_traveled=one)
        return goal.end("abort", error_code=711)

    return play


@pytest.mark.parametrize(
    ("feedback", "sent"),
    [
        ([[0.4], [0.3]], [1.0, 0.6, 0.3]),
        ([[0.4, float("nan")]], [1.0, 0.6]),
        ([[1.2]], [1.0]),
    ],
    ids=["adds up", "no number", "all"],
)
def test_what_was_backed_up_is_not_backed_up_again(client, robot, feedback, sent):
    robot.serve(BackUp, "backup", aborting(feedback))
    retry = {"max_attempts": 4, "initial_delay": 0.05}
    parameters = {"distance": 1.0}
    ended(send(client, {"action_type": "back_up", "parameters": parameters, "retry": retry}))
    assert [note[1] for note in robot.notes if note[0] == "sent"] == sent


def test_a_motion_that_was_silent_before_its_end_may_be_done_twice_in_part(client, robot):
    def play(goal):
        if goal.number == 1:
            goal.feedback(distance_traveled=0.3)
            time.sleep(FRESH + 1.0)
        return goal.end("succeed" if goal.number > 1 else "abort")

    robot.serve(BackUp, "backup", play)
    retry = {"max_attempts": 2, "initial_delay": 0.05}
    parameters = {"distance": 1.0}
    result = ended(
        send(
            client, {"action_type": "back_up", "parameters": parameters, "retry": retry, "id": "b"}
        )
    )
    assert list(result.deviations) == [f"b: {DONE_TWICE}"]


def test_every_waypoint_missed_is_a_failure(client, robot):
    missed = [MissedWaypoint(index=place, error_code=204) for place in range(4)]
    robot.serve(
        FollowWaypoints,
        "follow_waypoints",
        lambda goal: goal.end("succeed", missed_waypoints=missed),
    )
    action = {"action_type": "follow_waypoints", "parameters": {"poses": POSES}}
    result = ended(send(client, {**action, "retry": {"max_attempts": 1}}), ExecutionStatus.FAILED)
    assert "nothing of it was done, 4 waypoints missed" in result.message


def test_a_goal_that_missed_every_waypoint_is_tried_again_from_the_first(client, robot):
    missed = [MissedWaypoint(index=place, error_code=207) for place in range(4)]

    def play(goal):
        robot.note("sent", goal.request.goal_index)
        for place in range(4):
            goal.feedback(current_waypoint=place)
        return goal.end("succeed", missed_waypoints=missed if goal.number == 1 else [])

    robot.serve(FollowWaypoints, "follow_waypoints", play)
    ended(send(client, {"action_type": "follow_waypoints", "parameters": {"poses": POSES}}))
    assert [note[1] for note in robot.notes if note[0] == "sent"] == [0, 0]


@pytest.mark.parametrize(
    ("how", "success", "code", "status"),
    [
        ("succeed", False, 0, ExecutionStatus.FAILED),
        ("abort", True, 903, ExecutionStatus.FAILED),
        ("abort", True, 0, ExecutionStatus.FAILED),
        ("succeed", True, 0, ExecutionStatus.COMPLETED),
    ],
)
def test_docked_is_what_status_code_and_success_say_together(
    client, robot, how, success, code, status
):
    robot.serve(
        DockRobot, "dock_robot", lambda goal: goal.end(how, success=success, error_code=code)
    )
    action = {"action_type": "dock", "parameters": {"dock_id": "home"}}
    ended(send(client, {**action, "retry": {"max_attempts": 1}}), status)


@pytest.mark.parametrize("code", [0, 903])
def test_to_undock_where_it_is_not_docked_is_done(client, robot, code):
    robot.serve(
        UndockRobot, "undock_robot", lambda goal: goal.end("abort", success=True, error_code=code)
    )
    status = ExecutionStatus.FAILED if code else ExecutionStatus.COMPLETED
    action = {"action_type": "undock", "retry": {"max_attempts": 1}}
    result = ended(send(client, action), status)
    assert ("although it aborted the goal" in result.actions[0].reason) is not bool(code)


@pytest.mark.parametrize(
    ("how", "stalled", "reached", "status"),
    [
        ("abort", True, False, ExecutionStatus.COMPLETED),
        ("abort", False, True, ExecutionStatus.COMPLETED),
        ("abort", False, False, ExecutionStatus.FAILED),
        ("succeed", True, False, ExecutionStatus.COMPLETED),
    ],
)
def test_a_gripper_is_closed_by_what_its_result_says(client, robot, how, stalled, reached, status):
    robot.serve(
        GripperCommand,
        "gripper_controller/gripper_cmd",
        lambda goal: goal.end(how, stalled=stalled, reached_goal=reached, position=float("nan")),
    )
    ended(send(client, {"action_type": "close_gripper", "retry": {"max_attempts": 1}}), status)


def goes_on_to_its_end(goal):
    """Do what it does to its end, although it is to be cancelled."""
    goal.until_cancelled()
    return goal.end("succeed")


@pytest.mark.parametrize("stop", ["race", "timeout", "pause", "cancel"])
def test_what_is_done_although_it_was_to_stop_is_done(client, robot, stop):
    robot.serve(NavigateToPose, "navigate_to_pose", goes_on_to_its_end)
    # Both are long enough for a busy machine to begin the drive.
    delay = {"action_type": "delay", "duration": 3.0}
    go = {**DRIVE, "id": "go", **({"timeout": 3.0} if stop == "timeout" else {})}
    race = {"action_type": "parallel", "race": True, "actions": [go, delay]}
    session = send(client, race if stop == "race" else go)
    robot.wait("began")
    if stop == "pause":
        assert client.call("pause", Pause, execution_id="errand").success
        robot.wait("succeed")
        assert client.call("resume", Resume, execution_id="errand").success
    if stop == "cancel":
        assert client.call("cancel", Cancel, execution_id="errand").success
    cancelled = stop == "cancel"
    result = ended(session, ExecutionStatus.CANCELLED if cancelled else ExecutionStatus.COMPLETED)
    (drive,) = (one for one in result.actions if one.action_id == "go")
    assert (drive.status.value, drive.attempt) == (drive.status.SUCCEEDED, 1)
    assert robot.count("began") == 1


def test_a_server_that_accepts_after_the_return_is_stopped_when_it_begins(client, robot):
    decided = threading.Event()
    robot.serve(NavigateToPose, "navigate_to_pose", accepts=lambda request: decided.wait(30.0))
    leave = {
        "action_type": "sequence",
        "actions": [
            {"action_type": "delay", "duration": 0.3},
            {"action_type": "return", "value": 7},
        ],
    }
    session = send(client, {"action_type": "parallel", "actions": [{**DRIVE, "id": "go"}, leave]})
    robot.wait("asked")
    wait_for(lambda: any("ends the plan here" in one.reason for one in actions(client)), 60.0, "it")
    assert not session.done.is_set()
    decided.set()
    assert ended(session).output == "7"
    asked, *both, canceled = (note[0] for note in robot.notes)
    # A busy server may hear of the cancel before its own thread begins the drive.
    assert (asked, sorted(both), canceled) == ("asked", ["began", "cancel"], "canceled")


def test_breakpoints_at_no_action_are_refused(client, robot):
    robot.serve(NavigateToPose, "navigate_to_pose")
    session = send(client, {**DRIVE, "id": "go"})
    robot.wait("began")
    refused = client.call(
        "set_breakpoints", SetBreakpoints, execution_id="errand", action_ids=["og"]
    )
    assert not refused.success
    assert "no action 'og'" in refused.message
    robot.tell("end")
    ended(session)
