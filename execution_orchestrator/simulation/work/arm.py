"""What MoveIt's move_group does, with the simulated arm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from moveit_msgs.action import ExecuteTrajectory, MoveGroup
from moveit_msgs.msg import MoveItErrorCodes as Codes
from moveit_msgs.msg import RobotState, RobotTrajectory
from moveit_msgs.srv import (
    ApplyPlanningScene,
    GetCartesianPath,
    GetMotionPlan,
    GetPlanningScene,
    GetPositionIK,
)
from sensor_msgs.msg import JointState

from execution_orchestrator.simulation.geometry import Array, inverse
from execution_orchestrator.simulation.physics.arm import distance, forward, inverse_kinematics
from execution_orchestrator.simulation.physics.arm_planning import ArmScene, plan_arm, timed
from execution_orchestrator.simulation.physics.robot_model import ARM_JOINTS, TOOL_LINK
from execution_orchestrator.simulation.work.arm_targets import (
    check_group,
    goal_joints,
    pose_target,
)
from execution_orchestrator.simulation.work.body import Body, Locate
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError
from execution_orchestrator.simulation.work.messages import (
    matrix_of,
    seconds_of,
    trajectory_message,
)
from execution_orchestrator.simulation.work.planning_scene import Scene
from execution_orchestrator.simulation.world.simulated_world import World

REACHED = 0.01  # radians
GRACE = 5.0  # seconds of the host's clock beyond the motion's own time
BRANCHES_PER_SECOND = 200  # effort of the random search per second of allowed planning time
MOST_BRANCHES = 2000
JUMP = 0.6  # radians between steps of a Cartesian path
PLANNERS = ("", "RRTConnect", "RRTConnectkConfigDefault", "PTP", "LIN", "BiTRRT", "RRTstar")
Corners = Sequence[Sequence[float]]


class Arm:
    """Plans collision-free motions of the simulated arm and has them executed."""

    def __init__(self, host: Host, robot: Body, world: World) -> None:
        self._host = host
        self._solids = world.static_solids()
        self._robot = robot
        self._scene = Scene()
        for kind, name, answer in (
            (ApplyPlanningScene, "apply_planning_scene", self._apply),
            (GetPlanningScene, "get_planning_scene", self._get),
            (GetMotionPlan, "plan_kinematic_path", self._plan_only),
            (GetPositionIK, "compute_ik", self._inverse_kinematics),
            (GetCartesianPath, "compute_cartesian_path", self._cartesian),
        ):
            host.offer(kind, name, answer)
        host.serve(
            MoveGroup,
            "move_action",
            self._move,
            failure=Codes.FAILURE,
            preempts=True,
            stop=self._stop_motion,
        )
        host.serve(
            ExecuteTrajectory,
            "execute_trajectory",
            self._execute_trajectory,
            failure=Codes.CONTROL_FAILED,
            preempts=True,
            stop=self._stop_motion,
        )

    def _stop_motion(self, _action: str) -> None:
        """Hold the arm still."""
        self._robot.move_arm([])

    def _base(self) -> Array:
        if self._robot.pose is None or not self._robot.joints:
            raise JobError(
                Codes.ROBOT_STATE_STALE, "the robot's state is not known; does sim_world run?"
            )
        return self._robot.pose

    def _in_map(self, base: Array) -> Locate:
        """Return what gives the pose of a frame in the map."""

        def locate(frame: str) -> Array:
            if frame == TOOL_LINK:
                return base @ forward(self._robot.arm_joints())
            return self._robot.frame_in_map(frame, base)

        return locate

    def _in_base(self, base: Array) -> Locate:
        """Return what gives the pose of a frame in base_link."""
        in_map = self._in_map(base)
        return lambda frame: inverse(base) @ in_map(frame)

    def _surroundings(self, base: Array) -> ArmScene:
        return ArmScene([*self._solids, *self._scene.solids()], base)

    def _corners(self, request: Any, seed: int) -> list[tuple[float, ...]]:
        """Corners of a motion that does what a MotionPlanRequest asks.

        Raises:
            JobError: with MoveIt's code for why there is none.

        """
        check_group(request.group_name)
        if request.planner_id not in PLANNERS:
            self._host.log.info(f"planner {request.planner_id!r} is not known; RRTConnect is used")
        base, now = self._base(), self._robot.arm_joints()
        given = request.start_state.joint_state
        if given.name:
            now = self._named(given, now)
        goals = goal_joints(request.goal_constraints, now, self._in_base(base))
        scene = self._surroundings(base)
        if all(scene.collides([goal]) for goal in goals):
            raise JobError(Codes.GOAL_IN_COLLISION, "the arm would touch something at the goal")
        effort = min(
            MOST_BRANCHES, int(BRANCHES_PER_SECOND * max(request.allowed_planning_time, 0.5))
        )
        for attempt in range(max(1, int(request.num_planning_attempts))):
            found = plan_arm(scene, now, goals, seed=seed + attempt, effort=effort)
            if found is not None:
                return found
        raise JobError(Codes.PLANNING_FAILED, "no motion around the obstacles was found")

    def _move(self, job: Job) -> Any:
        request, began = job.request.request, self._host.now()
        job.feedback(MoveGroup.Feedback(state="PLANNING"))
        self._robot.where(job, Codes.ROBOT_STATE_STALE)
        scene_change = job.request.planning_options.planning_scene_diff
        wrong = (
            self._scene.apply(scene_change, self._in_map(self._base()))
            if scene_change.is_diff
            else ""
        )
        if wrong:
            raise JobError(Codes.INVALID_OBJECT_NAME, wrong)
        start = self._robot.arm_joints()
        corners = self._corners(request, seed=0)
        points = timed(corners, _scale(request.max_velocity_scaling_factor),
                       _scale(request.max_acceleration_scaling_factor))  # fmt: skip
        result = MoveGroup.Result(planning_time=self._host.now() - began)
        result.error_code.val = Codes.SUCCESS
        result.trajectory_start = _state(start)
        result.planned_trajectory = RobotTrajectory(joint_trajectory=trajectory_message(points))
        if job.request.planning_options.plan_only:
            return result
        job.feedback(MoveGroup.Feedback(state="MONITOR"))
        self._follow(job, points)
        result.executed_trajectory = result.planned_trajectory
        job.feedback(MoveGroup.Feedback(state="IDLE"))
        return result

    def _execute_trajectory(self, job: Job) -> Any:
        self._robot.where(job, Codes.ROBOT_STATE_STALE)
        trajectory = job.request.trajectory.joint_trajectory
        now = self._robot.arm_joints()
        points = [
            (
                seconds_of(point.time_from_start),
                self._named(JointState(name=trajectory.joint_names, position=point.positions), now),
            )
            for point in trajectory.points
        ]
        if not points:
            raise JobError(Codes.INVALID_MOTION_PLAN, "the trajectory has no points")
        if distance(now, points[0][1]) > 10 * REACHED and points[0][0] <= 0.0:
            raise JobError(Codes.START_STATE_INVALID, "the trajectory does not start at the arm")
        job.feedback(ExecuteTrajectory.Feedback(state="MONITOR"))
        self._follow(job, points)
        result = ExecuteTrajectory.Result()
        result.error_code.val = Codes.SUCCESS
        return result

    def _follow(self, job: Job, points: Sequence[tuple[float, Sequence[float]]]) -> None:
        """Have the arm follow timed joint positions.

        Raises:
            JobError: it does not get there in time.

        """
        end, goal = points[-1]
        self._robot.move_arm(points)
        if not job.wait_for(
            lambda: distance(self._robot.arm_joints(), goal) < REACHED,
            end / self._host.rate + GRACE,
        ):
            raise JobError(Codes.CONTROL_FAILED, "the arm did not reach the end of its motion")

    def _named(self, state: Any, now: Sequence[float]) -> tuple[float, ...]:
        joints = list(now)
        for name, position in zip(state.name, state.position, strict=False):
            if name in ARM_JOINTS:
                joints[ARM_JOINTS.index(name)] = float(position)
        return tuple(joints)

    # Services

    def _apply(self, request: Any, response: Any) -> Any:
        base = self._robot.pose if self._robot.pose is not None else np.eye(4)
        wrong = self._scene.apply(request.scene, self._in_map(base))
        if wrong:
            self._host.log.warning(f"planning scene: {wrong}")
        response.success = not wrong
        return response

    def _get(self, request: Any, response: Any) -> Any:
        response.scene = self._scene.message(request.components.components)
        response.scene.robot_state.joint_state = _state(self._robot.arm_joints()).joint_state
        return response

    def _plan_only(self, request: Any, response: Any) -> Any:
        plan, began = response.motion_plan_response, self._host.now()
        plan.group_name = request.motion_plan_request.group_name
        try:
            corners = self._corners(request.motion_plan_request, seed=0)
        except JobError as error:
            plan.error_code.val, plan.error_code.message = error.code, str(error)
            return response
        plan.trajectory_start = _state(corners[0])
        plan.trajectory.joint_trajectory = trajectory_message(timed(corners))
        plan.planning_time = self._host.now() - began
        plan.error_code.val = Codes.SUCCESS
        return response

    def _inverse_kinematics(self, request: Any, response: Any) -> Any:
        wanted = request.ik_request
        try:
            check_group(wanted.group_name)
            base = self._base()
            found: list[tuple[float, ...]] = list(
                inverse_kinematics(
                    pose_target(wanted.pose_stamped, wanted.ik_link_name, self._in_base(base))
                )
            )
            if wanted.avoid_collisions:
                scene = self._surroundings(base)
                found = [joints for joints in found if not scene.collides([joints])]
            if not found:
                raise JobError(Codes.NO_IK_SOLUTION, "the pose is out of the arm's reach")
        except JobError as error:
            response.error_code.val, response.error_code.message = error.code, str(error)
            return response
        now = self._robot.arm_joints()
        response.solution = _state(min(found, key=lambda joints: distance(now, joints)))
        response.error_code.val = Codes.SUCCESS
        return response

    def _cartesian(self, request: Any, response: Any) -> Any:
        try:
            check_group(request.group_name)
            base = self._base()
            corners, fraction = self._straight(request, base)
        except (JobError, ValueError) as error:
            response.error_code.val = getattr(error, "code", Codes.INVALID_GOAL_CONSTRAINTS)
            response.error_code.message = str(error)
            return response
        response.start_state = _state(corners[0])
        response.solution.joint_trajectory = trajectory_message(timed(corners))
        response.fraction = fraction
        response.error_code.val = Codes.SUCCESS
        return response

    def _straight(self, request: Any, base: Array) -> tuple[Corners, float]:
        """Joint positions along straight lines through the waypoints, and how far they lead."""
        scene = self._surroundings(base)
        joints: tuple[float, ...] = self._robot.arm_joints()
        corners, pose = [joints], forward(joints)
        step = request.max_step if request.max_step > 0.0 else 0.01
        targets = [
            pose_target(_Stamped(request.header, waypoint), request.link_name, self._in_base(base))
            for waypoint in request.waypoints
        ]
        total = sum(
            float(np.linalg.norm(b[:3, 3] - a[:3, 3]))
            for a, b in zip([pose, *targets], targets, strict=False)
        )
        done = 0.0
        for target in targets:
            way = target[:3, 3] - pose[:3, 3]
            count = max(1, math.ceil(float(np.linalg.norm(way)) / step))
            for k in range(1, count + 1):
                between = target.copy()
                between[:3, 3] = pose[:3, 3] + way * k / count
                near = [
                    candidate
                    for candidate in inverse_kinematics(between)
                    if distance(candidate, joints) < JUMP
                    and not (request.avoid_collisions and scene.collides([candidate]))
                ]
                if not near:
                    return corners, done / total if total else 0.0
                before = joints
                joints = min(near, key=lambda candidate: distance(candidate, before))
                corners.append(joints)
                done += float(np.linalg.norm(way)) / count
            pose = target
        return corners, 1.0


class _Stamped:
    """A pose and its header, as PoseStamped has them."""

    def __init__(self, header: Any, pose: Any) -> None:
        matrix_of(pose)
        self.header, self.pose = header, pose


def _scale(factor: float) -> float:
    """Scaling factor as MoveIt reads it: outside of (0, 1] is 1."""
    return factor if 0.0 < factor <= 1.0 else 1.0


def _state(joints: Sequence[float]) -> RobotState:
    state = RobotState()
    state.joint_state.name = list(ARM_JOINTS)
    state.joint_state.position = [float(value) for value in joints]
    return state
