"""Point clouds in other frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from geometry_msgs.msg import TransformStamped
from numpy.lib.recfunctions import structured_to_unstructured
from sensor_msgs.msg import PointCloud2
from sensor_msgs_py.point_cloud2 import create_cloud, read_points
from std_msgs.msg import Header
from tf2_py import geometry

import tf2_ros

__all__ = ["do_transform_cloud", "transform_points"]

_AXES = ["x", "y", "z"]


def transform_points(point_cloud: np.ndarray, transform: Any) -> np.ndarray:
    """Return an n x 3 array of points, each moved by a geometry_msgs/Transform."""
    moved, turned = transform.translation, transform.rotation
    values = (turned.x, turned.y, turned.z, turned.w)
    quaternion = geometry.normalized(values) if any(values) else geometry.IDENTITY[1]
    turn = np.array([geometry.rotate(quaternion, axis) for axis in geometry.AXES])
    found: np.ndarray = point_cloud @ turn + np.array([moved.x, moved.y, moved.z])
    return found


def do_transform_cloud(cloud: Any, transform: Any) -> Any:
    """Return a PointCloud2 with its x, y and z moved; the other fields stay as they are.

    A TransformStamped gives the new cloud its frame, a Transform leaves it.

    Raises:
        AssertionError: the cloud has no x, y and z.

    """
    header = Header(stamp=cloud.header.stamp, frame_id=cloud.header.frame_id)
    if isinstance(transform, TransformStamped):
        header.frame_id = transform.header.frame_id
        transform = transform.transform
    names = [field.name for field in cloud.fields]
    if not set(_AXES) <= set(names):
        raise AssertionError("Point cloud needs the fields x, y, and z for the transformation")
    points = read_points(cloud).copy()
    moved = transform_points(structured_to_unstructured(points[_AXES]), transform)
    for axis, values in zip(_AXES, moved.T, strict=True):
        points[axis] = values
    return create_cloud(header, cloud.fields, points, cloud.point_step)


tf2_ros.TransformRegistration().add(PointCloud2, do_transform_cloud)
tf2_ros.ConvertRegistration().add_to_msg(PointCloud2, lambda cloud: cloud)
tf2_ros.ConvertRegistration().add_from_msg(PointCloud2, lambda cloud: cloud)
