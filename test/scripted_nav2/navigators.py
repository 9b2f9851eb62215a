"""The servers in front of the others: bt_navigator, waypoint_follower, docking_server."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, PoseStamped
from nav2_msgs.action import (
    BackUp,
    ComputePathToPose,
    DockRobot,
    FollowPath,
    FollowWaypoints,
    NavigateThroughPoses,
    NavigateToPose,
    Spin,
    UndockRobot,
    Wait,
)
from nav2_msgs.msg import MissedWaypoint
from rclpy.lifecycle import TransitionCallbackReturn

from test.scripted_nav2.base import Localised, Pose
from test.scripted_nav2.log import Log
from test.scripted_nav2.managed import Faults, ManagedServer, Over, Run
from test.scripted_nav2.servers import NEAR, TURNED

REPLAN_PERIOD = 1.0  # seconds
FEEDBACK_PERIOD = 0.1
STOPPED_AFTER, NEXT_AFTER = 0.5, 0.7  # seconds
RECOVERED = {200, 207, 208}  # what the tree tries to recover from
DOCK = Pose(-4.0, 0.0, math.pi)


def length(duration: float) -> Duration:
    return Duration(sec=int(duration), nanosec=int(duration % 1 * 1e9))


class Navigator(ManagedServer):
    """bt_navigator: plans, lets the controller follow, recovers by itself, then gives up."""

    # A node of its trees whose goal was cancelled by somebody else has succeeded.
    CANCELLED_IS_DONE = True

    def __init__(self, log: Log, faults: Faults, place: Localised) -> None:
        super().__init__("bt_navigator", log, faults)
        self._place = place
        self._targets: list[Pose] = []  # of the newest drive
        self._path_to: Pose | None = None  # where the newest path ends, whosever goal it was for
        self.offer(NavigateToPose, "navigate_to_pose", self._to_pose)
        self.offer(NavigateThroughPoses, "navigate_through_poses", self._through_poses)
        self.uses(ComputePathToPose, "compute_path_to_pose")
        self.uses(FollowPath, "follow_path")
        for kind, name in ((Spin, "spin"), (Wait, "wait"), (BackUp, "backup")):
            self.uses(kind, name)

    def refuses(self, action: str, request: Any) -> str:
        reason = super().refuses(action, request)
        tree = request.behavior_tree
        if not reason and tree and not Path(tree).exists():
            # It takes the goal and finds out when it loads the tree.
            self.get_logger().error(f"BT file not found: {tree} . Navigation canceled.")
        return reason

    def keeps(self, older: Run, newer: Run) -> str:
        if older.request.behavior_tree == newer.request.behavior_tree:
            return ""
        return (
            "Preemption request was rejected since the requested BT XML file is not the same as "
            "the one that the current goal is executing."
        )

    def _to_pose(self, run: Run) -> Any:
        self._path_to = None  # ComputePathToPose forgets its path when it is halted
        self._drive(run, [run.request.pose], NavigateToPose.Feedback(), 0)
        return NavigateToPose.Result()

    def _through_poses(self, run: Run) -> Any:
        self._drive(run, list(run.request.poses), NavigateThroughPoses.Feedback(), 100)
        return NavigateThroughPoses.Result()

    def _drive(self, run: Run, poses: list[Any], feedback: Any, further: int) -> None:
        if any(runs for name, runs in self.runs.items() if name != run.action):
            # It takes the goal, and gives it up at once.
            raise Over(
                "aborted",
                0,
                f"Requested navigation from {run.action} while another navigator is processing, "
                "rejecting request.",
            )
        tree = run.request.behavior_tree
        if tree and not Path(tree).exists():
            raise Over("aborted", 0, f"BT file not found: {tree} . Navigation canceled.")
        fixed = []
        for pose in poses:
            at = self._place.in_map(pose)
            if at is None and run.overtook and self._targets:
                # As Nav2 1.3: the goal takes the place of the older one, and drives to its target.
                self.get_logger().error("Failed to transform a goal pose to the global frame")
                fixed = self._targets
                break
            if at is None:
                frame = pose.header.frame_id
                raise Over("aborted", 0, f'no frame "{frame}" in tf: source_frame does not exist')
            fixed.append(at)
        self._targets = fixed
        self._began = time.monotonic()
        end, here = fixed[-1], self._place.pose
        # Until it has a path for this goal it measures along the one that it has kept, if it has.
        self._tell(run, feedback)
        turned = abs(math.remainder(end.yaw - here.yaw, math.tau)) < TURNED
        if math.hypot(end.x - here.x, end.y - here.y) < NEAR and turned:
            # The controller looks at the end of the whole way only.
            return
        for index, at in enumerate(fixed):
            left = len(fixed) - index
            try:
                path = self._path(run, at)
            except Over as first:
                over = first
                if over.code in RECOVERED:
                    feedback.number_of_recoveries = 4
                    self._tell(run, feedback)
                    self._recover(run)
                    try:  # once more, before it gives up
                        self._path(run, at)
                    except Over as last:
                        over = last
                if over.code:
                    over.code += further
                raise over from first
            self._follow(run, path, at, feedback, left)

    def _path(self, run: Run, at: Pose) -> Any:
        if "time" in self.faults.off:
            raise Over("aborted", 0, "timed out while waiting for compute_path_to_pose")
        goal = ComputePathToPose.Goal()
        goal.goal.header.frame_id = "map"
        goal.goal.pose.position.x, goal.goal.pose.position.y = at.x, at.y
        goal.goal.pose.orientation.z = math.sin(at.yaw / 2)
        goal.goal.pose.orientation.w = math.cos(at.yaw / 2)
        succeeded, result = self.ask(run, "compute_path_to_pose", goal)
        self._path_to = at if succeeded else None
        if not succeeded:
            raise Over("aborted", result.error_code, "Goal failed")
        return result.path

    def _tell(self, run: Run, feedback: Any) -> None:
        """Say how far it is to the end of the path; nothing is left where there is none."""
        here, end = self._place.pose, self._path_to
        left = math.hypot(end.x - here.x, end.y - here.y) if end is not None else 0.0
        feedback.distance_remaining = left
        feedback.estimated_time_remaining = length(left / 0.4)
        feedback.navigation_time = length(time.monotonic() - self._began)
        feedback.current_pose.header.frame_id = "map"
        feedback.current_pose.pose.position.x = here.x
        feedback.current_pose.pose.position.y = here.y
        feedback.current_pose.pose.orientation.z = math.sin(here.yaw / 2)
        feedback.current_pose.pose.orientation.w = math.cos(here.yaw / 2)
        run.feedback(feedback)

    def _follow(self, run: Run, path: Any, at: Pose, feedback: Any, left: int) -> None:
        told = planned = time.monotonic()

        def look() -> FollowPath.Goal | None:
            nonlocal told, planned
            now = time.monotonic()
            if now - told > FEEDBACK_PERIOD:
                told = now
                if hasattr(feedback, "number_of_poses_remaining"):
                    feedback.number_of_poses_remaining = left
                self._tell(run, feedback)
            if now - planned > REPLAN_PERIOD:
                planned = now
                return FollowPath.Goal(path=self._path(run, at))
            return None

        succeeded, result = self.ask(run, "follow_path", FollowPath.Goal(path=path), look)
        if not succeeded:
            raise Over("aborted", result.error_code, "follow_path ended on the way")

    def _recover(self, run: Run) -> None:
        self.ask(run, "spin", Spin.Goal(target_yaw=1.57, time_allowance=length(10.0)))
        self.ask(run, "wait", Wait.Goal(time=length(5.0)))
        back = BackUp.Goal(target=Point(x=-0.3), speed=0.1, time_allowance=length(10.0))
        self.ask(run, "backup", back)
        self.ask(run, "spin", Spin.Goal(target_yaw=1.57, time_allowance=length(10.0)))


class WaypointFollower(ManagedServer):
    """waypoint_follower: one navigate_to_pose goal after the other, whatever becomes of each."""

    # It waits for the end of each goal without a limit.
    MISSES_THE_DEAD = False

    def __init__(self, log: Log, faults: Faults) -> None:
        super().__init__("waypoint_follower", log, faults)
        self._at = 0  # index of the waypoint it drives to
        self.offer(FollowWaypoints, "follow_waypoints", self._follow)
        self.uses(NavigateToPose, "navigate_to_pose")
        self._cancels_all = self.create_client(
            CancelGoal, "navigate_to_pose/_action/cancel_goal", callback_group=self.group
        )

    def on_deactivate(self, state: Any) -> TransitionCallbackReturn:
        """As the real one: abort the goal, and go on with it until each waypoint was tried."""
        self.active = False
        running = list(self.runs["follow_waypoints"])
        if running:
            time.sleep(STOPPED_AFTER)
        for run in running:
            run.relays = False
        done = super().on_deactivate(state)
        for run in running:
            while run.left is not None and not run.left.done():
                time.sleep(FEEDBACK_PERIOD)
            time.sleep(NEXT_AFTER)
            self._follow(Run(run.action, run.handle), self._at + 1)
        return done

    def _follow(self, run: Run, first: int = 0) -> Any:
        busy: list[Any] = []

        def status(message: Any) -> None:
            busy[:] = [
                one
                for one in message.status_list
                if one.status in (GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING)
            ]

        listening = self.create_subscription(
            GoalStatusArray,
            "navigate_to_pose/_action/status",
            status,
            10,
            callback_group=self.group,
        )
        result = FollowWaypoints.Result()
        try:
            first = first or run.request.goal_index
            for index, pose in list(enumerate(run.request.poses))[first:]:
                self._at = index
                run.feedback(FollowWaypoints.Feedback(current_waypoint=index))
                while busy:
                    run.step()
                try:
                    succeeded, answer = self.ask(
                        run, "navigate_to_pose", NavigateToPose.Goal(pose=pose)
                    )
                    code = answer.error_code
                except Over as over:
                    if over.status == "canceled" or run.stop is not None:
                        raise
                    succeeded, code = False, 600
                if not succeeded:
                    result.missed_waypoints.append(
                        MissedWaypoint(index=index, goal=pose, error_code=code)
                    )
        except Over as over:
            if over.status == "canceled":
                # It cancels whatever navigate_to_pose does, whoever sent it.
                self._cancels_all.call_async(CancelGoal.Request())
            raise
        finally:
            self.destroy_subscription(listening)
        return result


class Docking(ManagedServer):
    """docking_server: goes to the staging pose by a goal of bt_navigator's, then onto the dock."""

    def __init__(self, log: Log, faults: Faults) -> None:
        super().__init__("docking_server", log, faults)
        self._docked = False
        self.offer(DockRobot, "dock_robot", self._dock)
        self.offer(UndockRobot, "undock_robot", self._undock)
        self.uses(NavigateToPose, "navigate_to_pose")

    def _dock(self, run: Run) -> Any:
        if self._docked:
            # As Nav2 1.3.6: it ends the goal without a word, and success is true by default. Later
            # ones succeed at once.
            self._needs_not("dock_robot", "Robot is already docked, no need to dock")
        if not run.request.use_dock_id:
            x, y = run.request.dock_pose.pose.position.x, run.request.dock_pose.pose.position.y
        else:
            x, y = DOCK.x, DOCK.y
        self._tell(run, DockRobot.Feedback.NAV_TO_STAGING_POSE)
        if run.request.navigate_to_staging_pose:
            staging = PoseStamped()
            staging.header.frame_id = "map"
            staging.pose.position.x, staging.pose.position.y = x + 0.7, y
            staging.pose.orientation.z = 1.0
            # It tries the drive twice, and so takes it back from whoever took it over.
            for _ in range(2):
                goal = NavigateToPose.Goal(pose=staging)
                succeeded, _ = self.ask(run, "navigate_to_pose", goal)
                if succeeded:
                    break
            else:
                raise Over("aborted", 903, "the staging pose was not reached")
        for _ in range(50):
            self._tell(run, DockRobot.Feedback.CONTROLLING)
            run.step()
        while "charge" in self.faults.off:
            self._tell(run, DockRobot.Feedback.WAIT_FOR_CHARGE)
            run.step()
        self._docked = True
        return DockRobot.Result(success=True)

    def _needs_not(self, action: str, why: str) -> None:
        self.get_logger().info(why)
        for words in ("Current goal was not completed successfully.", "Aborting handle."):
            self.get_logger().warning(f"[{action}] [ActionServer] {words}")
        raise Over("aborted", -1)

    @staticmethod
    def _tell(run: Run, state: int) -> None:
        run.feedback(DockRobot.Feedback(state=state))

    def _undock(self, run: Run) -> Any:
        if not self._docked:
            self._needs_not("undock_robot", "Robot is not in the dock, no need to undock")
        for _ in range(50):
            run.step()
        self._docked = False
        return UndockRobot.Result(success=True)
