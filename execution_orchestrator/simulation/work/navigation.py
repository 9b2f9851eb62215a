"""What Nav2's servers do, with the simulated base."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from geometry_msgs.msg import Point, PoseStamped
from nav2_msgs.action import (
    BackUp,
    ComputePathThroughPoses,
    ComputePathToPose,
    DockRobot,
    DriveOnHeading,
    FollowWaypoints,
    NavigateThroughPoses,
    NavigateToPose,
    Spin,
    UndockRobot,
    Wait,
)
from nav2_msgs.msg import MissedWaypoint
from nav_msgs.msg import Path

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import Array, planar, transform, wrapped, yaw_of
from execution_orchestrator.simulation.physics.grid import Grid
from execution_orchestrator.simulation.physics.path_planning import (
    NoPathError,
    PlanningProblem,
    plan_path,
)
from execution_orchestrator.simulation.physics.robot_model import (
    RADIUS,
    TURN_SPEED,
    WHEEL_SPEED,
)
from execution_orchestrator.simulation.work.body import Body
from execution_orchestrator.simulation.work.costmaps import Costmaps
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError, JobNotNeeded
from execution_orchestrator.simulation.work.messages import (
    matrix_of,
    seconds_message,
    seconds_of,
    stamped,
)
from execution_orchestrator.simulation.world.simulated_world import World

UNKNOWN_ERROR = 9000  # nav2_msgs: no constant in NavigateToPose.action, used by bt_navigator
FOLLOW_UNKNOWN = 100  # nav2_msgs/action/FollowPath
FAILED_TO_MAKE_PROGRESS = 105
TO_POSE, THROUGH_POSES = 200, 300  # bases of the planner's error codes
PROBLEM_CODES = {
    PlanningProblem.START_OUTSIDE_MAP: 3,
    PlanningProblem.GOAL_OUTSIDE_MAP: 4,
    PlanningProblem.START_OCCUPIED: 5,
    PlanningProblem.GOAL_OCCUPIED: 6,
    PlanningProblem.NO_VALID_PATH: 8,
}
TF_ERROR, INVALID_PLANNER, NO_VIAPOINTS = 2, 1, 309
PLANNERS = ("", "GridBased")
RECOVERIES = 3  # times a blocked base plans anew before it gives up
FEEDBACK_PERIOD = 0.1  # seconds of the host's clock
BLOCKAGE = 0.15  # metres, radius of what stopped the base
STAGING = 0.5  # metres in front of the dock
DOCKED = 0.1  # metres from a dock within which a robot is in it
MOST_DOCKS = 20
CHARGING_WAIT = 1.0  # simulated seconds
ACKNOWLEDGED = 5.0  # seconds of the host's clock until the base has to take a motion


class Navigation:
    """Plans on the world's map and drives the simulated base along the path.

    ``planned`` hears of each path before the base follows it.
    """

    def __init__(
        self,
        host: Host,
        robot: Body,
        world: World,
        grid: Grid,
        own_frame: str = "base_link",
        *,
        planned: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self._host = host
        self._world = world
        self._grid = grid
        self._robot = robot
        self._own_frame = own_frame
        self._planned = planned
        self._blockages: list[tuple[float, float, float]] = []
        self._docks = [pose for name, pose in world.frames.items() if "dock" in name]
        Costmaps(host, robot, grid, lambda: tuple(self._blockages), self._blockages.clear)
        for kind, name, work, failure in (
            (NavigateToPose, "navigate_to_pose", self._navigate, UNKNOWN_ERROR),
            (NavigateThroughPoses, "navigate_through_poses", self._navigate_through, UNKNOWN_ERROR),
            (FollowWaypoints, "follow_waypoints", self._waypoints, 600),
            (ComputePathToPose, "compute_path_to_pose", self._compute, TO_POSE),
            (ComputePathThroughPoses, "compute_path_through_poses", self._compute_through, 300),
            (Spin, "spin", self._spin, 700),
            (BackUp, "backup", self._back_up, 710),
            (DriveOnHeading, "drive_on_heading", self._drive, 720),
            (Wait, "wait", self._wait, 740),
            (DockRobot, "dock_robot", self._dock, 999),
            (UndockRobot, "undock_robot", self._undock, 999),
        ):
            host.serve(
                kind,
                name,
                work,
                failure=failure,
                preempts="compute" not in name,
                stop=self._stop_motion,
            )

    def _stop_motion(self, action: str) -> None:
        if action != "wait" and not action.startswith("compute"):
            self._robot.stop_base()

    # Planning

    def _target(self, job: Job, pose: PoseStamped, base: int) -> Array:
        try:
            place = matrix_of(pose.pose)
        except ValueError as failure:
            raise JobError(base + TF_ERROR, str(failure)) from None
        robot = self._robot.where(job, base + TF_ERROR)
        return self._robot.in_map(place, pose.header.frame_id, robot, base + TF_ERROR)

    def _plan(self, start: Array, goal: Array, base: int) -> list[tuple[float, float]]:
        obstacles = [
            (float(pose[0, 3]), float(pose[1, 3]), RADIUS)
            for name, pose in self._robot.objects.items()
            if name.endswith("base_link") and name != self._own_frame
        ]
        try:
            return plan_path(
                self._grid,
                (float(start[0, 3]), float(start[1, 3])),
                (float(goal[0, 3]), float(goal[1, 3])),
                obstacles + self._blockages,
            )
        except NoPathError as failure:
            raise JobError(base + PROBLEM_CODES[failure.problem], str(failure)) from None

    def _plan_through(
        self, start: Array, goals: Sequence[Array], base: int
    ) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for goal in goals:
            points += self._plan(start, goal, base)
            start = goal
        return points

    def _path_message(self, points: Sequence[tuple[float, float]], yaw: float) -> Path:
        message = Path()
        message.header = stamped(self._host.stamp(), planar(0.0, 0.0, 0.0)).header
        for here, ahead in zip(points, [*points[1:], None], strict=True):
            heading = yaw if ahead is None else math.atan2(ahead[1] - here[1], ahead[0] - here[0])
            message.poses.append(stamped(self._host.stamp(), planar(*here, heading)))
        return message

    def _compute(self, job: Job) -> Any:
        request, began = job.request, self._host.now()
        if request.planner_id not in PLANNERS:
            raise JobError(TO_POSE + INVALID_PLANNER, f"no planner {request.planner_id!r}")
        goal = self._target(job, request.goal, TO_POSE)
        start = self._robot.where(job, TO_POSE + TF_ERROR)
        if request.use_start:
            start = self._target(job, request.start, TO_POSE)
        points = self._plan(start, goal, TO_POSE)
        return ComputePathToPose.Result(
            path=self._path_message(points, yaw_of(goal)),
            planning_time=seconds_message(self._host.now() - began),
        )

    def _compute_through(self, job: Job) -> Any:
        request, began = job.request, self._host.now()
        if not request.goals:
            raise JobError(NO_VIAPOINTS, "no poses are given")
        goals = [self._target(job, pose, THROUGH_POSES) for pose in request.goals]
        start = self._robot.where(job, THROUGH_POSES + TF_ERROR)
        if request.use_start:
            start = self._target(job, request.start, THROUGH_POSES)
        points = self._plan_through(start, goals, THROUGH_POSES)
        return ComputePathThroughPoses.Result(
            path=self._path_message(points, yaw_of(goals[-1])),
            planning_time=seconds_message(self._host.now() - began),
        )

    # Driving

    def _go(self, job: Job, goals: Sequence[Array], base: int, tell: Any) -> None:
        """Drive through poses; ``tell(remaining, recoveries)`` publishes feedback.

        Raises:
            JobError: there is no path, or the base is stopped by something again and again.

        """
        for recoveries in range(RECOVERIES + 1):
            start = self._robot.where(job, base + TF_ERROR)
            points = self._plan_through(start, goals, base)
            self._planned(self._path_message(points, yaw_of(goals[-1])))
            motion = SimMotion(
                motion=SimMotion.FOLLOW,
                path=[Point(x=x, y=y) for x, y in points],
                use_yaw=True,
                yaw=yaw_of(goals[-1]),
            )
            if self._moved(job, motion, FOLLOW_UNKNOWN, lambda left, n=recoveries: tell(left, n)):
                return
            pose = self._robot.where(job, base + TF_ERROR)
            ahead = pose @ transform((RADIUS + BLOCKAGE, 0.0, 0.0))
            self._blockages.append((float(ahead[0, 3]), float(ahead[1, 3]), BLOCKAGE))
        raise JobError(FAILED_TO_MAKE_PROGRESS, "something keeps stopping the base")

    def _moved(self, job: Job, motion: SimMotion, code: int, tell: Any) -> bool:
        """Let the base do a motion; False if an obstacle stopped it.

        Raises:
            JobError: the base does not take it, or takes another one instead.

        """
        number = self._robot.begin(job, motion, code)
        if not job.wait_for(lambda: self._robot.motion.motion_id == number, ACKNOWLEDGED):
            raise JobError(code, "the base does not take the motion; does sim_world run?")
        while True:
            job.wait_for(lambda: not self._at(number), FEEDBACK_PERIOD)
            state = self._robot.motion
            if state.motion_id != number:
                raise JobError(code, "another motion of the base took over")
            if state.state != SimMotionState.MOVING:
                return bool(state.state == SimMotionState.IDLE)
            tell(float(state.remaining))

    def _at(self, number: int) -> bool:
        state = self._robot.motion
        return bool(state.motion_id == number and state.state == SimMotionState.MOVING)

    def _progress(self, kind: Any, job: Job, began: float, left: float, recoveries: int) -> Any:
        message = kind.Feedback(
            distance_remaining=left,
            number_of_recoveries=recoveries,
            navigation_time=seconds_message((self._host.now() - began) * self._host.rate),
            estimated_time_remaining=seconds_message(left / WHEEL_SPEED),
        )
        message.current_pose = stamped(self._host.stamp(), self._robot.where(job, UNKNOWN_ERROR))
        return message

    def _navigate(self, job: Job) -> Any:
        goal, began = self._target(job, job.request.pose, TO_POSE), self._host.now()
        self._go(
            job,
            [goal],
            TO_POSE,
            lambda left, n: job.feedback(self._progress(NavigateToPose, job, began, left, n)),
        )
        return NavigateToPose.Result()

    def _navigate_through(self, job: Job) -> Any:
        poses = getattr(job.request.poses, "goals", job.request.poses)  # nav_msgs/Goals: Kilted
        goals = [self._target(job, pose, THROUGH_POSES) for pose in poses]
        if not goals:
            raise JobError(NO_VIAPOINTS, "no poses are given")
        began = self._host.now()
        for index in range(len(goals)):

            def tell(left: float, recoveries: int, ahead: int = len(goals) - index) -> None:
                message = self._progress(NavigateThroughPoses, job, began, left, recoveries)
                message.number_of_poses_remaining = ahead
                job.feedback(message)

            self._go(job, [goals[index]], THROUGH_POSES, tell)
        return NavigateThroughPoses.Result()

    def _waypoints(self, job: Job) -> Any:
        request, result = job.request, FollowWaypoints.Result()
        if not request.poses:
            raise JobError(600, "no poses are given")
        for round_ in range(request.number_of_loops + 1):
            for index in range(0 if round_ else request.goal_index, len(request.poses)):
                job.feedback(FollowWaypoints.Feedback(current_waypoint=index))
                try:
                    goal = self._target(job, request.poses[index], TO_POSE)
                    self._go(job, [goal], TO_POSE, lambda _left, _n: None)
                except JobError as error:
                    self._host.log.warning(f"waypoint {index} is missed: {error}")
                    result.missed_waypoints.append(
                        MissedWaypoint(
                            index=index, goal=request.poses[index], error_code=error.code
                        )
                    )
        return result

    # Behaviours

    def _spin(self, job: Job) -> Any:
        angle = float(job.request.target_yaw)
        motion = SimMotion(motion=SimMotion.ROTATE, amount=angle)

        def tell(left: float) -> None:
            done = max(0.0, abs(angle) - left)
            job.feedback(Spin.Feedback(angular_distance_traveled=done))

        return self._behave(job, Spin, motion, 700, abs(angle) / TURN_SPEED, tell, 3)

    def _back_up(self, job: Job) -> Any:
        return self._straight(job, BackUp, -abs(job.request.target.x), 710, 4)

    def _drive(self, job: Job) -> Any:
        return self._straight(job, DriveOnHeading, float(job.request.target.x), 720, 3)

    def _straight(self, job: Job, kind: Any, distance: float, base: int, ahead: int) -> Any:
        invalid = 713 if kind is BackUp else 724
        if job.request.target.y or job.request.target.z:
            raise JobError(invalid, "target is along x only")
        given = float(job.request.speed)
        if kind is DriveOnHeading and (distance > 0.0) != (given > 0.0):
            raise JobError(invalid, "speed and target do not have the same sign")
        speed = abs(given)
        if not speed:
            raise JobError(invalid, "a speed of 0 leads nowhere")
        motion = SimMotion(motion=SimMotion.STRAIGHT, amount=distance, speed=speed)

        def tell(left: float) -> None:
            job.feedback(kind.Feedback(distance_traveled=max(0.0, abs(distance) - left)))

        return self._behave(job, kind, motion, base, abs(distance) / speed, tell, ahead)

    def _behave(
        self,
        job: Job,
        kind: Any,
        motion: SimMotion,
        base: int,
        expected: float,
        tell: Any,
        collision: int,
    ) -> Any:
        """Run a behaviour; code ``base`` + 1: timeout, ``base`` + ``collision``: collision."""
        began = self._host.now()
        allowed = seconds_of(job.request.time_allowance) or math.inf
        if expected > allowed:
            raise JobError(base + 1, f"it takes {expected:.1f} s and {allowed:.1f} s are allowed")
        if not self._moved(job, motion, base, tell):
            raise JobError(base + collision, "an obstacle is in the way")
        elapsed = seconds_message((self._host.now() - began) * self._host.rate)
        return kind.Result(total_elapsed_time=elapsed)

    def _wait(self, job: Job) -> Any:
        duration = seconds_of(job.request.time)
        left = duration
        while left > 0.0:
            job.feedback(Wait.Feedback(time_left=seconds_message(left)))
            job.pause(min(left, FEEDBACK_PERIOD * self._host.rate))
            left -= FEEDBACK_PERIOD * self._host.rate
        return Wait.Result(total_elapsed_time=job.request.time)

    # Docking

    def _dock(self, job: Job) -> Any:
        request, kind = job.request, DockRobot
        if request.use_dock_id:
            docks = {n: p for n, p in self._world.frames.items() if "dock" in n}
            if request.dock_id not in docks:
                known = ", ".join(docks) or "none"
                raise JobError(901, f"no dock is called {request.dock_id!r}; known: {known}")
            dock = docks[request.dock_id]
        else:
            dock = self._target(job, request.dock_pose, TO_POSE)
        if self._stands_at(job, dock):
            raise JobNotNeeded("the robot is docked already")
        staging = dock @ transform((-STAGING, 0.0, 0.0))
        if request.navigate_to_staging_pose:
            job.feedback(kind.Feedback(state=kind.Feedback.NAV_TO_STAGING_POSE))
            try:
                self._go(job, [staging], TO_POSE, lambda _left, _n: None)
            except JobError as error:
                raise JobError(903, f"the staging pose is not reached: {error}") from None
        job.feedback(kind.Feedback(state=kind.Feedback.CONTROLLING))
        pose = self._robot.where(job, 904)
        ahead = dock[:2, 3] - pose[:2, 3]
        off = abs(wrapped(math.atan2(ahead[1], ahead[0]) - yaw_of(pose)))
        distance = float(math.hypot(*ahead))
        if off > 0.5 or distance > 2 * STAGING:
            raise JobError(904, "the dock is not in front of the robot")
        motion = SimMotion(motion=SimMotion.STRAIGHT, amount=distance, speed=0.2)
        if not self._moved(job, motion, 905, lambda _left: None):
            raise JobError(905, "an obstacle is in the way to the dock")
        self._docks = [*self._docks[-MOST_DOCKS:], dock]  # it may be given by its pose alone
        job.feedback(kind.Feedback(state=kind.Feedback.WAIT_FOR_CHARGE))
        job.pause(CHARGING_WAIT)
        return kind.Result(success=True)

    def _stands_at(self, job: Job, dock: Array) -> bool:
        away = dock[:2, 3] - self._robot.where(job, 904)[:2, 3]
        return float(math.hypot(*away)) < DOCKED

    def _undock(self, job: Job) -> Any:
        if not any(self._stands_at(job, dock) for dock in self._docks):
            raise JobNotNeeded("the robot is not in a dock")
        motion = SimMotion(motion=SimMotion.STRAIGHT, amount=-STAGING, speed=0.3)
        if not self._moved(job, motion, 905, lambda _left: None):
            raise JobError(905, "an obstacle is behind the robot")
        return UndockRobot.Result(success=True)
