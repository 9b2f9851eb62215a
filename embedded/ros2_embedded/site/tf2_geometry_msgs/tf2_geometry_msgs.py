"""Points, vectors and poses in other frames.

Each function takes a TransformStamped, as a buffer looks it up, and returns a new message with
the header of the transform.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from geometry_msgs.msg import (
    Point,
    Point32,
    PointStamped,
    PolygonStamped,
    Pose,
    PoseStamped,
    PoseWithCovarianceStamped,
    Quaternion,
    Vector3,
    Vector3Stamped,
)
from tf2_py import geometry

import tf2_ros


def to_msg_msg(msg: Any) -> Any:
    """Return the message: it is one already."""
    return msg


def from_msg_msg(msg: Any) -> Any:
    """Return the message: it stays one."""
    return msg


def _quaternion(message: Any) -> geometry.Quaternion:
    """Return a unit quaternion; the identity for the zero quaternion of an empty message."""
    values = (message.x, message.y, message.z, message.w)
    return geometry.normalized(values) if any(values) else geometry.IDENTITY[1]


def _vector(message: Any) -> geometry.Vector:
    return (message.x, message.y, message.z)


def _rigid(transform: Any) -> geometry.Rigid:
    inner = transform.transform
    return _vector(inner.translation), _quaternion(inner.rotation)


def _message(kind: Any, values: tuple[float, ...]) -> Any:
    return kind(**dict(zip("xyzw", values, strict=False)))


def transform_covariance(cov_in: Any, transform: Any) -> Any:
    """Return the 36 numbers of a pose's covariance, turned as the transform turns."""
    quaternion = _quaternion(transform.transform.rotation)
    turn = np.array([geometry.rotate(quaternion, axis) for axis in geometry.AXES]).T
    both = np.kron(np.eye(2), turn)  # of the position and of the orientation
    return (both @ np.reshape(cov_in, (6, 6)) @ both.T).reshape(36)


def do_transform_point(point: Any, transform: Any) -> Any:
    """Return a PointStamped in the frame of the transform."""
    moved = geometry.apply(_rigid(transform), _vector(point.point))
    return PointStamped(header=transform.header, point=_message(Point, moved))


def do_transform_vector3(vector3: Any, transform: Any) -> Any:
    """Return a Vector3Stamped in the frame of the transform: turned, not moved."""
    turned = geometry.rotate(_quaternion(transform.transform.rotation), _vector(vector3.vector))
    return Vector3Stamped(header=transform.header, vector=_message(Vector3, turned))


def do_transform_pose(pose: Any, transform: Any) -> Any:
    """Return a Pose in the frame of the transform."""
    position, turned = geometry.compose(
        _rigid(transform), (_vector(pose.position), _quaternion(pose.orientation))
    )
    if turned[3] < 0:  # the same rotation, as it is commonly written
        turned = (-turned[0], -turned[1], -turned[2], -turned[3])
    return Pose(position=_message(Point, position), orientation=_message(Quaternion, turned))


def do_transform_pose_stamped(pose: Any, transform: Any) -> Any:
    """Return a PoseStamped in the frame of the transform."""
    return PoseStamped(header=transform.header, pose=do_transform_pose(pose.pose, transform))


def do_transform_pose_with_covariance_stamped(pose: Any, transform: Any) -> Any:
    """Return a PoseWithCovarianceStamped in the frame of the transform."""
    found = PoseWithCovarianceStamped(header=transform.header)
    found.pose.pose = do_transform_pose(pose.pose.pose, transform)
    found.pose.covariance = transform_covariance(pose.pose.covariance, transform)
    return found


def do_transform_polygon_stamped(polygon: Any, transform: Any) -> Any:
    """Return a PolygonStamped in the frame of the transform."""
    rigid = _rigid(transform)
    found = PolygonStamped(header=transform.header)
    found.polygon.points = [
        _message(Point32, geometry.apply(rigid, _vector(point))) for point in polygon.polygon.points
    ]
    return found


for _kind, _function in (
    (PointStamped, do_transform_point),
    (Vector3Stamped, do_transform_vector3),
    (PoseStamped, do_transform_pose_stamped),
    (PoseWithCovarianceStamped, do_transform_pose_with_covariance_stamped),
    (PolygonStamped, do_transform_polygon_stamped),
):
    tf2_ros.TransformRegistration().add(_kind, _function)
for _kind in (PointStamped, PoseStamped, Vector3Stamped):
    tf2_ros.ConvertRegistration().add_to_msg(_kind, to_msg_msg)
    tf2_ros.ConvertRegistration().add_from_msg(_kind, from_msg_msg)
