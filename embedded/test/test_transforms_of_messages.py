"""Messages of geometry_msgs and point clouds in other frames, and point clouds as arrays."""

import numpy as np
import pytest
import tf2_geometry_msgs
import tf2_sensor_msgs
from geometry_msgs.msg import (
    Point32,
    PointStamped,
    PolygonStamped,
    PoseStamped,
    PoseWithCovarianceStamped,
    TransformStamped,
    Vector3Stamped,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rclpy.time import Time
from sensor_msgs.msg import PointField
from sensor_msgs_py import point_cloud2
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


FIELDS = [
    PointField(name="x", offset=0, datatype=PointField.FLOAT32, count=1),
    PointField(name="y", offset=4, datatype=PointField.FLOAT32, count=1),
    PointField(name="z", offset=8, datatype=PointField.FLOAT32, count=1),
    PointField(name="ring", offset=12, datatype=PointField.UINT16, count=2),
]


@given(
    arrays.arrays(
        point_cloud2.dtype_from_fields(FIELDS),
        st.one_of(st.integers(0, 8), st.tuples(st.integers(1, 4), st.integers(2, 4))),
    )
)
def test_a_cloud_holds_what_was_put_into_it(points):
    cloud = point_cloud2.create_cloud(Header(), FIELDS, points)
    assert cloud.width * cloud.height == points.size
    back = point_cloud2.read_points(cloud, reshape_organized_cloud=True)
    assert back.tobytes() == points.tobytes()


def test_the_other_byte_order_is_read():
    cloud = point_cloud2.create_cloud(Header(), FIELDS, [(1.0, 2.0, 3.0, 4, 5)])
    swapped = np.frombuffer(cloud.data, point_cloud2.dtype_from_fields(FIELDS)).byteswap()
    cloud.data = swapped.tobytes()
    cloud.is_bigendian = not cloud.is_bigendian
    assert point_cloud2.read_points(cloud).tolist() == [(1.0, 2.0, 3.0, 4, 5)]


def test_parts_of_a_cloud():
    points = [(0.0, 1.0, 2.0), (np.nan, 1.0, 2.0), (3.0, 4.0, 5.0)]
    cloud = point_cloud2.create_cloud_xyz32(Header(), points)
    assert point_cloud2.read_points_numpy(cloud, ["x", "z"], skip_nans=True).tolist() == [
        [0.0, 2.0], [3.0, 5.0],
    ]  # fmt: skip
    assert point_cloud2.read_points_list(cloud, ["y"], uvs=[2])[0].y == 4.0
    with pytest.raises(AssertionError, match="not all of"):
        point_cloud2.read_points(cloud, ["w"])
    with pytest.raises(AssertionError, match="same datatype"):
        point_cloud2.read_points_numpy(point_cloud2.create_cloud(Header(), FIELDS, []))


def test_a_cloud_is_transformed_and_its_other_fields_stay(buffer):
    cloud = point_cloud2.create_cloud(
        Header(frame_id="b"), FIELDS, [(1.0, 0.0, 0.5, 7, 8), (0.0, 1.0, 0.0, 9, 10)]
    )
    found = point_cloud2.read_points(buffer.transform(cloud, "a"))
    assert np.array(found[["x", "y", "z"]].tolist()) == pytest.approx(
        np.array([(1.0, 1.0, 0.5), (0.0, 0.0, 0.0)]), abs=1e-6
    )
    assert found[["ring_0", "ring_1"]].tolist() == [(7, 8), (9, 10)]
    flat = point_cloud2.create_cloud(Header(), FIELDS[:2], [])
    with pytest.raises(AssertionError, match="needs the fields"):
        tf2_sensor_msgs.do_transform_cloud(flat, TURNED)
