"""sim_navigation behaves as Nav2 does: codes, cancel, preemption, lifecycle, behaviours."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from lifecycle_msgs.srv import ChangeState, GetState
from nav2_msgs.action import (
    BackUp,
    ComputePathToPose,
    DockRobot,
    FollowWaypoints,
    NavigateThroughPoses,
    NavigateToPose,
    Spin,
    UndockRobot,
    Wait,
)
from nav2_msgs.srv import ClearEntireCostmap, GetCostmap, ManageLifecycleNodes

from test.integration.simulation.conftest import Robot
from test.integration.simulation.goals import drive_to, pose

DONE, ABORTED, CANCELED = (
    GoalStatus.STATUS_SUCCEEDED,
    GoalStatus.STATUS_ABORTED,
    GoalStatus.STATUS_CANCELED,
)


@pytest.fixture
def robot(robots: Callable[[str], Robot]) -> Robot:
    made = robots("apartment")
    made.start("world")
    made.start("navigation")
    return made


def where(robot: Robot) -> tuple[float, float]:
    message = robot.newest(PoseWithCovarianceStamped, "/amcl_pose")
    return message.pose.pose.position.x, message.pose.pose.position.y


def test_error_codes_of_planning(robot: Robot) -> None:
    for goal, code in (
        (drive_to(4.85, 2.0), ComputePathToPose.Result.GOAL_OCCUPIED),
        (drive_to(99.0, 0.0), ComputePathToPose.Result.GOAL_OUTSIDE_MAP),
    ):
        status, result = robot.do(NavigateToPose, "navigate_to_pose", goal)
        assert (status, result.error_code) == (ABORTED, code)
        assert result.error_msg
    lost = drive_to(1.0, 0.0)
    lost.pose.header.frame_id = "moon"
    status, result = robot.do(NavigateToPose, "navigate_to_pose", lost)
    assert (status, result.error_code) == (ABORTED, ComputePathToPose.Result.TF_ERROR)
    for frame in ("odom", "camera_optical_frame"):
        ahead = pose(0.0, 0.0, frame=frame)
        query = ComputePathToPose.Goal(goal=ahead)
        status, result = robot.do(ComputePathToPose, "compute_path_to_pose", query)
        assert status == DONE, (frame, result.error_msg)
    status, result = robot.do(
        ComputePathToPose, "compute_path_to_pose", ComputePathToPose.Goal(goal=pose(4.0, 2.0))
    )
    assert status == DONE
    assert len(result.path.poses) > 50
    last = result.path.poses[-1].pose.position
    assert (last.x, last.y) == (4.0, 2.0)


def test_cancel_stops_the_base(robot: Robot) -> None:
    handle = robot.begin(NavigateToPose, "navigate_to_pose", drive_to(4.0, 2.0))
    robot.until(lambda: where(robot)[0] > 0.2, "it drives")
    answer = handle.cancel_goal_async()
    robot.until(answer.done, "the cancel is answered")
    assert len(answer.result().goals_canceling) == 1
    assert robot.end(handle)[0] == CANCELED
    # At 10 simulated seconds per second a base that still moved would be metres further on.
    at = where(robot)
    for _ in range(10):
        now = where(robot)
    assert math.dist(at, now) < 0.5
    assert where(robot)[0] < 3.5


def test_a_newer_goal_takes_over(robot: Robot) -> None:
    goals = drive_to(4.0, 2.0), drive_to(0.5, 0.0)
    answers = [robot.send(NavigateToPose, "navigate_to_pose", goal) for goal in goals]
    robot.until(lambda: all(answer.done() for answer in answers), "both are accepted")
    first, second = (answer.result() for answer in answers)
    assert robot.end(first)[0] == ABORTED
    assert robot.end(second)[0] == DONE
    assert math.dist(where(robot), (0.5, 0.0)) < 0.1
    log = robot.goal_log("navigation")
    assert len({each["goal_id"] for each in log}) == len(log) == 2


def test_several_poses(robot: Robot) -> None:
    left: list[int] = []
    goal = NavigateThroughPoses.Goal(poses=[pose(1.0, 0.0), pose(2.2, 0.3)])
    status, _ = robot.do(
        NavigateThroughPoses,
        "navigate_through_poses",
        goal,
        lambda m: left.append(m.feedback.number_of_poses_remaining),
    )
    assert status == DONE
    assert (left[0], left[-1]) == (2, 1)
    goal = FollowWaypoints.Goal(poses=[pose(1.0, 0.0), pose(4.85, 2.0), pose(0.0, 0.0)])
    status, result = robot.do(FollowWaypoints, "follow_waypoints", goal)
    assert status == DONE
    assert [(each.index, each.error_code) for each in result.missed_waypoints] == [(1, 206)]


def test_behaviours(robot: Robot) -> None:
    assert robot.do(Spin, "spin", Spin.Goal(target_yaw=1.57))[0] == DONE
    goal = BackUp.Goal(speed=0.2)
    goal.target.x = 0.3
    assert robot.do(BackUp, "backup", goal)[0] == DONE
    assert where(robot)[1] == pytest.approx(-0.3, abs=0.05)
    goal.target.x = 5.0
    status, result = robot.do(BackUp, "backup", goal)
    assert (status, result.error_code) == (ABORTED, BackUp.Result.COLLISION_AHEAD)
    goal.target.y = 1.0
    status, result = robot.do(BackUp, "backup", goal)
    assert (status, result.error_code) == (ABORTED, BackUp.Result.INVALID_INPUT)
    hurried = Spin.Goal(target_yaw=3.0)
    hurried.time_allowance.nanosec = 100_000_000
    status, result = robot.do(Spin, "spin", hurried)
    assert (status, result.error_code) == (ABORTED, Spin.Result.TIMEOUT)
    pause = Wait.Goal()
    pause.time.sec = 2
    assert robot.do(Wait, "wait", pause)[0] == DONE


def test_docking(robot: Robot) -> None:
    status, result = robot.do(DockRobot, "dock_robot", DockRobot.Goal(dock_id="nowhere"))
    assert (status, result.error_code) == (ABORTED, DockRobot.Result.DOCK_NOT_IN_DB)
    status, result = robot.do(DockRobot, "dock_robot", DockRobot.Goal(dock_id="dock"))
    assert (status, result.success) == (DONE, True)
    assert math.dist(where(robot), (-1.03, -0.9)) < 0.1
    # Nav2 1.3 ends a goal that asks for what is so already without a word.
    again, result = robot.do(DockRobot, "dock_robot", DockRobot.Goal(dock_id="dock"))
    assert (again, result.success, result.error_code) == (ABORTED, True, 0)
    assert robot.do(UndockRobot, "undock_robot", UndockRobot.Goal())[0] == DONE
    left = where(robot)
    assert left[0] > -0.7
    again, result = robot.do(UndockRobot, "undock_robot", UndockRobot.Goal())
    assert (again, result.success, result.error_code) == (ABORTED, True, 0)
    assert math.dist(where(robot), left) < 0.05


def test_lifecycle_and_costmaps(robot: Robot) -> None:
    def change(transition: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(robot.call(ChangeState, "/bt_navigator/change_state", request).success)

    def state() -> str:
        answer: Any = robot.call(GetState, "/bt_navigator/get_state", GetState.Request())
        return str(answer.current_state.label)

    assert state() == "active"
    assert change(4)
    assert state() == "inactive"
    assert not change(4)
    assert not robot.begin(NavigateToPose, "navigate_to_pose", drive_to(1.0, 0.0)).accepted
    assert change(3)
    assert robot.do(NavigateToPose, "navigate_to_pose", drive_to(0.5, 0.0))[0] == DONE
    away = robot.begin(NavigateToPose, "navigate_to_pose", drive_to(4.0, 2.0))
    assert change(4)
    status, result = robot.end(away)
    assert (status, result.error_msg) == (ABORTED, "the server was deactivated or shut down")
    assert change(3)
    assert robot.do(NavigateToPose, "navigate_to_pose", drive_to(0.5, 0.0))[0] == DONE
    for costmap in ("local", "global"):
        name = f"/{costmap}_costmap/clear_entirely_{costmap}_costmap"
        assert robot.call(ClearEntireCostmap, name, ClearEntireCostmap.Request()) is not None
        seen = robot.call(GetCostmap, f"/{costmap}_costmap/get_costmap", GetCostmap.Request()).map
        about = seen.metadata
        assert len(seen.data) == about.size_x * about.size_y > 0
        column = int((0.5 - about.origin.position.x) / about.resolution)
        row = int((0.0 - about.origin.position.y) / about.resolution)
        # The robot stands in the free; the walls of the flat are lethal in the whole map.
        assert seen.data[row * about.size_x + column] < 253
        assert costmap == "local" or 254 in seen.data


def test_without_autostart_the_manager_activates_the_nodes(
    robots: Callable[[str], Robot],
) -> None:
    robot = robots("apartment")
    robot.start("world")
    robot.start("navigation", "autostart:=false")

    def manage(command: int) -> bool:
        request = ManageLifecycleNodes.Request(command=command)
        name = "/lifecycle_manager_navigation/manage_nodes"
        return bool(robot.call(ManageLifecycleNodes, name, request).success)

    assert not robot.begin(NavigateToPose, "navigate_to_pose", drive_to(0.5, 0.0)).accepted
    assert not manage(ManageLifecycleNodes.Request.RESUME)
    assert manage(ManageLifecycleNodes.Request.STARTUP)
    assert robot.do(NavigateToPose, "navigate_to_pose", drive_to(0.5, 0.0))[0] == DONE
    assert manage(ManageLifecycleNodes.Request.PAUSE)
    assert not robot.begin(NavigateToPose, "navigate_to_pose", drive_to(0.0, 0.0)).accepted


def test_two_robots_in_one_world(robots: Callable[[str], Robot]) -> None:
    robot = robots("warehouse")
    robot.start("world", "robots:=robot1,robot2")
    robot.start("navigation", namespace="robot1")
    robot.start("navigation", namespace="robot2")
    first = robot.begin(NavigateToPose, "/robot1/navigate_to_pose", drive_to(1.5, 0.5))
    second = robot.begin(NavigateToPose, "/robot2/navigate_to_pose", drive_to(1.5, 3.0))
    assert robot.end(first)[0] == DONE
    assert robot.end(second)[0] == DONE
    # Where the other one stands there is no room.
    status, result = robot.do(NavigateToPose, "/robot1/navigate_to_pose", drive_to(1.5, 3.0))
    assert (status, result.error_code) == (ABORTED, 206)
