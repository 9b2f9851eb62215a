"""Poses, durations and trajectories as messages, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion, Vector3
from sensor_msgs.msg import Image
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from execution_orchestrator.simulation.geometry import Array, from_quaternion, quaternion
from execution_orchestrator.simulation.physics.robot_model import ARM_JOINTS

MAP = "map"
OPTICAL_FRAME = "camera_optical_frame"


def matrix_of(pose: Pose) -> Array:
    """Matrix of a geometry_msgs/Pose.

    Raises:
        ValueError: it has no orientation, or a number that is not finite.

    """
    p, q = pose.position, pose.orientation
    return from_quaternion((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))


def vector(matrix: Array) -> Vector3:
    """geometry_msgs/Vector3 of a matrix's translation."""
    x, y, z = matrix[:3, 3].tolist()
    return Vector3(x=x, y=y, z=z)


def orientation(matrix: Array) -> Quaternion:
    """geometry_msgs/Quaternion of a matrix."""
    x, y, z, w = quaternion(matrix)
    return Quaternion(x=x, y=y, z=z, w=w)


def pose_message(matrix: Array) -> Pose:
    """geometry_msgs/Pose of a matrix."""
    x, y, z = matrix[:3, 3].tolist()
    return Pose(position=Point(x=x, y=y, z=z), orientation=orientation(matrix))


def stamped(stamp: Time, matrix: Array, frame: str = MAP) -> PoseStamped:
    """geometry_msgs/PoseStamped of a matrix."""
    message = PoseStamped(pose=pose_message(matrix))
    message.header.frame_id = frame
    message.header.stamp = stamp
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


def image_message(picture: Any, stamp: Time) -> Image:
    """sensor_msgs/Image of a picture (height, width, 3), RGB."""
    message = Image()
    message.header.frame_id, message.header.stamp = OPTICAL_FRAME, stamp
    message.height, message.width = picture.shape[:2]
    message.encoding = "rgb8"
    message.step = 3 * message.width
    message.data = picture.tobytes()
    return message
