"""The servers that move the base or plan for it: controller, planner, behaviours."""

from __future__ import annotations

import math
import time
from typing import Any

from geometry_msgs.msg import PoseStamped
from nav2_msgs.action import (
    AssistedTeleop,
    BackUp,
    ComputePathToPose,
    DriveOnHeading,
    FollowPath,
    Spin,
    Wait,
)
from nav2_msgs.srv import ClearEntireCostmap

from test.scripted_nav2.base import Localised, Velocity
from test.scripted_nav2.log import Log
from test.scripted_nav2.managed import Faults, ManagedServer, Over, Run
from test.scripted_nav2.world import occupied, path_to

SPEED = 0.5  # metres per second
PERIOD = 0.05  # seconds between two commands
NEAR = 0.12  # metres from the end of a path at which it is reached
TURNED = 0.12  # radians
RADIUS = 0.25  # metres of the robot
WHY = {  # in the words of navfn
    204: "Goal Coordinates were outside bounds",
    206: "Failed to create plan with tolerance of: 0.500000",
    208: "Failed to create plan with tolerance of: 0.500000",
}


def seconds(duration: Any) -> float:
    return float(duration.sec + duration.nanosec * 1e-9)


class Controller(ManagedServer):
    """controller_server: follows a path, and goes on when its client is dead."""

    def __init__(self, log: Log, faults: Faults, place: Localised, stamped: bool) -> None:
        super().__init__("controller_server", log, faults)
        self._place = place
        self._command = Velocity(self, stamped).publisher("cmd_vel_nav")
        self.offer(FollowPath, "follow_path", self._follow)
        self.create_service(
            ClearEntireCostmap,
            "local_costmap/clear_entirely_local_costmap",
            lambda _, response: response,
            callback_group=self.group,
        )

    def _follow(self, run: Run) -> Any:
        if not run.request.path.poses:
            raise Over("aborted", 103, "a path without poses")
        end = self._place.in_map(run.request.path.poses[-1])
        if "progress" in self.faults.off:
            for _ in range(20):
                run.step()
            raise Over("aborted", 105, "Failed to make progress")
        try:
            while True:
                run.step(PERIOD)
                here = self._place.pose
                away = math.hypot(end.x - here.x, end.y - here.y)
                if away < NEAR:
                    break
                heading = math.atan2(end.y - here.y, end.x - here.x)
                turn = math.remainder(heading - here.yaw, math.tau)
                ahead = min(SPEED, max(0.1, away)) if abs(turn) < 0.4 else 0.0
                self._command(ahead, max(-1.5, min(1.5, 2.5 * turn)))
                run.feedback(FollowPath.Feedback(distance_to_goal=away, speed=ahead))
            while abs(turn := math.remainder(end.yaw - self._place.pose.yaw, math.tau)) > TURNED:
                self._command(0.0, max(-1.0, min(1.0, 2.0 * turn)))
                run.step(PERIOD)
        finally:
            if run.stop is None or "took over" not in run.stop.reason:
                self._command(0.0, 0.0)
        return FollowPath.Result()


class Planner(ManagedServer):
    """planner_server."""

    def __init__(self, log: Log, faults: Faults, place: Localised) -> None:
        super().__init__("planner_server", log, faults)
        self._place = place
        self.offer(ComputePathToPose, "compute_path_to_pose", self._plan)
        self.create_service(
            ClearEntireCostmap,
            "global_costmap/clear_entirely_global_costmap",
            lambda _, response: response,
            callback_group=self.group,
        )

    def _plan(self, run: Run) -> Any:
        asked = run.request
        goal = self._place.in_map(asked.goal)
        start = self._place.in_map(asked.start) if asked.use_start else self._place.pose
        if goal is None or start is None:
            frame = asked.goal.header.frame_id
            raise Over("aborted", 202, f'no frame "{frame}" in tf: source_frame does not exist')
        code, points = path_to((start.x, start.y), (goal.x, goal.y))
        if code:
            self.get_logger().warn(
                f"GridBased plugin failed to plan from ({start.x:.2f}, {start.y:.2f}) to "
                f'({goal.x:.2f}, {goal.y:.2f}): "{WHY[code]}"'
            )
            self.get_logger().warn(f"[{run.action}] [ActionServer] Aborting handle.")
            raise Over("aborted", code)
        result = ComputePathToPose.Result()
        result.path.header.frame_id = "map"
        for x, y in points:
            pose = PoseStamped()
            pose.header.frame_id = "map"
            pose.pose.position.x, pose.pose.position.y = x, y
            pose.pose.orientation.z = math.sin(goal.yaw / 2)
            pose.pose.orientation.w = math.cos(goal.yaw / 2)
            result.path.poses.append(pose)
        return result


class Behaviours(ManagedServer):
    """behavior_server: blind motions, each with a check for collisions and a time allowance."""

    def __init__(self, log: Log, faults: Faults, place: Localised, stamped: bool) -> None:
        super().__init__("behavior_server", log, faults)
        self._place = place
        self._command = Velocity(self, stamped).publisher("cmd_vel_nav")
        self.offer(Spin, "spin", self._spin)
        self.offer(BackUp, "backup", lambda run: self._straight(run, BackUp, 710))
        self.offer(
            DriveOnHeading, "drive_on_heading", lambda run: self._straight(run, DriveOnHeading, 720)
        )
        self.offer(Wait, "wait", self._wait)
        self.offer(AssistedTeleop, "assisted_teleop", self._teleoperated)

    def _spin(self, run: Run) -> Any:
        wanted, turned, before = run.request.target_yaw, 0.0, self._place.pose.yaw
        end = time.monotonic() + (seconds(run.request.time_allowance) or math.inf)
        try:
            while abs(turned) < abs(wanted) - 0.05:
                self._command(0.0, math.copysign(1.0, wanted))
                run.step(PERIOD)
                now = self._place.pose.yaw
                turned += math.remainder(now - before, math.tau)
                before = now
                self._tell(run, Spin.Feedback(angular_distance_traveled=float(turned)))
                if time.monotonic() > end:
                    raise Over("aborted", 701, "spin: the time allowance is over")
        finally:
            self._command(0.0, 0.0)
        return Spin.Result()

    def _straight(self, run: Run, kind: Any, first_code: int) -> Any:
        asked = run.request
        backs = kind is BackUp
        invalid, collision = first_code + (3 if backs else 4), first_code + (4 if backs else 3)
        if asked.target.y or asked.target.z:
            raise Over("aborted", invalid, f"{run.action}: only along x")
        # BackUp has its signs put right, DriveOnHeading has to be asked with the same sign twice.
        if not backs and (asked.target.x > 0.0) != (asked.speed > 0.0):
            raise Over("aborted", invalid, "Speed and command sign did not match")
        wanted = abs(asked.target.x)
        speed = -abs(asked.speed) if backs else asked.speed
        end = time.monotonic() + (seconds(asked.time_allowance) or math.inf)
        start = self._place.pose
        try:
            while True:
                here = self._place.pose
                gone = math.hypot(here.x - start.x, here.y - start.y)
                if gone >= wanted - 0.02:
                    break
                # As the server does: as far ahead as two seconds, or what is left, lead.
                look = math.copysign(RADIUS + min(2 * abs(speed), wanted - gone), speed)
                if occupied(here.x + look * math.cos(here.yaw), here.y + look * math.sin(here.yaw)):
                    raise Over("aborted", collision, f"{run.action}: collision ahead")
                if time.monotonic() > end:
                    raise Over("aborted", first_code + 1, f"{run.action}: time allowance is over")
                self._command(speed, 0.0)
                run.step(PERIOD)
                self._tell(run, kind.Feedback(distance_traveled=float(gone)))
        finally:
            self._command(0.0, 0.0)
        return kind.Result()

    def _tell(self, run: Run, feedback: Any) -> None:
        if "feedback" not in self.faults.off:
            run.feedback(feedback)

    def _wait(self, run: Run) -> Any:
        end = time.monotonic() + seconds(run.request.time)
        while time.monotonic() < end:
            run.step()
        return Wait.Result()

    def _teleoperated(self, run: Run) -> Any:
        end = time.monotonic() + seconds(run.request.time_allowance)
        while time.monotonic() < end:
            run.step()
        raise Over("aborted", 731, "assisted_teleop: the time allowance is over")
