"""The robot as a server sees it: pose, joints and objects by topic, commands by topic."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Sequence
from typing import Any

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Pose, PoseStamped, PoseWithCovarianceStamped, Quaternion
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import Array, from_quaternion, quaternion
from execution_orchestrator.simulation.physics.robot_model import ARM_JOINTS, GRIPPER_JOINTS
from execution_orchestrator.simulation.servers.frames import MAP, Frames, UnknownFrameError
from execution_orchestrator.simulation.servers.jobs import Job, JobError
from execution_orchestrator.simulation.servers.server import SimServer

OBJECTS_TOPIC = "/sim/object_poses"
DISCOVERY = 10.0  # seconds to wait for the simulated world
QUEUE = QoSProfile(depth=10)


class RobotLink:
    """Keeps the newest state of this namespace's robot and sends it commands."""

    def __init__(self, server: SimServer) -> None:
        self._server = server
        self.frames = Frames(server)
        self.pose: Array | None = None
        self.joints: dict[str, float] = {}
        self.efforts: dict[str, float] = {}
        self.objects: dict[str, Array] = {}
        self.motion = SimMotionState()
        self._ids = itertools.count(int.from_bytes(os.urandom(3), "big"))
        group = server.group
        for kind, topic, take in (
            (PoseWithCovarianceStamped, "amcl_pose", self._take_pose),
            (JointState, "joint_states", self._take_joints),
            (TFMessage, OBJECTS_TOPIC, self._take_objects),
            (SimMotionState, "sim/motion_state", self._take_motion),
        ):
            server.create_subscription(kind, topic, take, QUEUE, callback_group=group)
        self._motions = server.create_publisher(SimMotion, "sim/motion", QUEUE)
        self._arm = server.create_publisher(
            JointTrajectory, "arm_controller/joint_trajectory", QUEUE
        )
        self._head = server.create_publisher(
            JointTrajectory, "head_controller/joint_trajectory", QUEUE
        )
        self._gripper = server.create_publisher(
            Float64MultiArray, "gripper_controller/commands", QUEUE
        )

    def _take_pose(self, message: PoseWithCovarianceStamped) -> None:
        self.pose = matrix_of(message.pose.pose)

    def _take_joints(self, message: JointState) -> None:
        self.joints = dict(zip(message.name, message.position, strict=False))
        self.efforts = dict(zip(message.name, message.effort, strict=False))
        self._server.notify()

    def _take_objects(self, message: TFMessage) -> None:
        self.objects = {
            each.child_frame_id: from_quaternion(
                (
                    each.transform.translation.x,
                    each.transform.translation.y,
                    each.transform.translation.z,
                ),
                (
                    each.transform.rotation.x,
                    each.transform.rotation.y,
                    each.transform.rotation.z,
                    each.transform.rotation.w,
                ),
            )
            for each in message.transforms
        }

    def _take_motion(self, message: SimMotionState) -> None:
        self.motion = message
        self._server.notify()

    def where(self, job: Job, code: int) -> Array:
        """base_link in the map.

        Raises:
            JobError: the simulated world does not run; ``code`` says so.

        """
        if not job.wait_for(lambda: self.pose is not None and bool(self.joints), DISCOVERY):
            raise JobError(code, "the robot's pose is not known; does sim_world run?")
        assert self.pose is not None
        return self.pose

    def begin(self, job: Job, motion: SimMotion, code: int) -> int:
        """Send a motion to the base and return its number.

        Raises:
            JobError: nobody takes it; ``code`` says so.

        """
        if not job.wait_for(lambda: self._motions.get_subscription_count() > 0, DISCOVERY):
            raise JobError(code, "nobody drives the base; does sim_world run?")
        motion.motion_id = next(self._ids) % 2**32
        self._motions.publish(motion)
        return int(motion.motion_id)

    def stop_base(self) -> None:
        """Brake."""
        self._motions.publish(SimMotion(motion=SimMotion.STOP, motion_id=next(self._ids) % 2**32))

    def arm_joints(self) -> tuple[float, ...]:
        """Positions of the arm's joints, radians."""
        return tuple(self.joints.get(name, 0.0) for name in ARM_JOINTS)

    def move_arm(self, points: Sequence[tuple[float, Sequence[float]]]) -> None:
        """Send the arm along joint positions at times in seconds; none: hold still."""
        self._arm.publish(trajectory_message(points))

    def turn_head(self, message: JointTrajectory) -> None:
        """Turn the camera."""
        self._head.publish(message)

    def jaws(self) -> float:
        """Metres between the jaws."""
        return sum(self.joints.get(name, 0.0) for name in GRIPPER_JOINTS)

    def jaw_effort(self) -> float:
        """Newtons with which the jaws press on something."""
        return max((self.efforts.get(name, 0.0) for name in GRIPPER_JOINTS), default=0.0)

    def move_jaws(self, opening: float, effort: float) -> None:
        """Send the jaws to an opening in metres with at most an effort in newtons."""
        self._gripper.publish(Float64MultiArray(data=[opening, effort]))

    def in_map(self, pose: Array, frame: str, base: Array, code: int) -> Array:
        """Bring a pose into the map frame.

        Raises:
            JobError: the frame is not known.

        """
        try:
            return self.frames.in_map(frame, base) @ pose
        except UnknownFrameError as failure:
            raise JobError(code, str(failure)) from None


def matrix_of(pose: Pose) -> Array:
    """Matrix of a geometry_msgs/Pose.

    Raises:
        ValueError: it has no orientation, or a number that is not finite.

    """
    p, q = pose.position, pose.orientation
    return from_quaternion((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))


def pose_message(matrix: Array) -> Pose:
    """geometry_msgs/Pose of a matrix."""
    x, y, z, w = quaternion(matrix)
    px, py, pz = (float(value) for value in matrix[:3, 3])
    return Pose(position=Point(x=px, y=py, z=pz), orientation=Quaternion(x=x, y=y, z=z, w=w))


def stamped(server: Any, matrix: Array, frame: str = MAP) -> PoseStamped:
    """geometry_msgs/PoseStamped of a matrix, now."""
    message = PoseStamped(pose=pose_message(matrix))
    message.header.frame_id = frame
    message.header.stamp = server.get_clock().now().to_msg()
    return message


def seconds_message(seconds: float) -> Duration:
    """builtin_interfaces/Duration of seconds."""
    whole = math.floor(seconds)
    return Duration(sec=int(whole), nanosec=int((seconds - whole) * 1e9))


def seconds_of(duration: Duration) -> float:
    """Seconds of a builtin_interfaces/Duration."""
    return float(duration.sec) + float(duration.nanosec) * 1e-9


def trajectory_message(
    points: Sequence[tuple[float, Sequence[float]]], names: Sequence[str] = ARM_JOINTS
) -> JointTrajectory:
    """trajectory_msgs/JointTrajectory of joint positions at times in seconds."""
    return JointTrajectory(
        joint_names=list(names),
        points=[
            JointTrajectoryPoint(
                positions=[float(v) for v in values], time_from_start=seconds_message(at)
            )
            for at, values in points
        ],
    )
