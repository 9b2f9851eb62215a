"""Messages of geometry_msgs in other frames."""

import numpy as np
import pytest
import tf2_geometry_msgs
from geometry_msgs.msg import (
    Point32,
    PointStamped,
    PolygonStamped,
    PoseStamped,
    PoseWithCovarianceStamped,
    TransformStamped,
    Vector3Stamped,
)
from rclpy.time import Time
from std_msgs.msg import Header
from tf2_ros import Buffer, Stamped, TypeException, convert

#: 1 m along x, then a quarter turn to the left.
TURNED = TransformStamped(child_frame_id="b")
TURNED.header.frame_id = "a"
TURNED.header.stamp.sec = 1
TURNED.transform.translation.x = 1.0
TURNED.transform.rotation.z = TURNED.transform.rotation.w = 0.5**0.5


@pytest.fixture
def buffer():
    buffer = Buffer()
    buffer.set_transform_static(TURNED, "test")
    return buffer


def stamped(kind):
    return Stamped(kind(), Time().to_msg(), "b")


def numbers(message, names="xyz"):
    return tuple(getattr(message, name) for name in names)


def test_points_and_vectors(buffer):
    point, vector = stamped(PointStamped), stamped(Vector3Stamped)
    point.point.x = vector.vector.x = 2.0
    found = buffer.transform(point, "a", new_type=PointStamped)
    assert found.header.frame_id == "a"
    assert numbers(found.point) == pytest.approx((1.0, 2.0, 0.0))
    assert numbers(buffer.transform(vector, "a").vector) == pytest.approx((0.0, 2.0, 0.0))
    assert TURNED.transform.translation.x == 1.0


def test_poses_and_polygons(buffer):
    pose, polygon = stamped(PoseStamped), stamped(PolygonStamped)
    pose.pose.position.y = 1.0
    pose.pose.orientation.z, pose.pose.orientation.w = -(0.5**0.5), 0.5**0.5
    found = buffer.transform(pose, "a").pose
    assert numbers(found.position) == pytest.approx((0.0, 0.0, 0.0))
    assert numbers(found.orientation, "xyzw") == pytest.approx((0.0, 0.0, 0.0, 1.0))
    polygon.polygon.points = [Point32(x=1.0), Point32(y=1.0)]
    corners = buffer.transform_full(polygon, "a", Time(), "a").polygon.points
    assert [numbers(corner) for corner in corners] == [
        pytest.approx((1.0, 1.0, 0.0)), pytest.approx((0.0, 0.0, 0.0), abs=1e-6),
    ]  # fmt: skip


def test_the_axes_of_a_covariance_turn_too(buffer):
    pose = stamped(PoseWithCovarianceStamped)
    pose.pose.covariance = np.diag([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).reshape(36)
    found = buffer.transform(pose, "a").pose.covariance.reshape(6, 6)
    assert np.diag(found) == pytest.approx([2.0, 1.0, 3.0, 5.0, 4.0, 6.0])
    assert np.allclose(found, found.T)


def test_a_type_nobody_registered_is_named(buffer):
    with pytest.raises(TypeException, match="Header"):
        buffer.transform(Header(), "a")
    with pytest.raises(TypeException):
        convert(Header(), PointStamped)
    assert convert(Header(frame_id="x"), Header) == Header(frame_id="x")
    assert tf2_geometry_msgs.to_msg_msg(TURNED) is TURNED
