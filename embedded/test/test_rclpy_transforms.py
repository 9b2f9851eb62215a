"""Coordinate frames: chains, inverses, interpolation, errors, and the way over topics."""

import math

import pytest
from geometry_msgs.msg import TransformStamped
from hypothesis import given
from hypothesis import strategies as st
from rclpy.duration import Duration
from rclpy.time import Time
from tf2_py.geometry import compose, inverse, multiply, rotate, slerp
from tf2_ros import (
    Buffer,
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    StaticTransformBroadcaster,
    TransformBroadcaster,
    TransformListener,
)

PATIENCE = Duration(seconds=20)
SQUARE = math.sqrt(0.5)
numbers = st.floats(-10, 10)


def transform(parent, child, seconds, x=0.0, y=0.0, yaw=0.0):
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.header.stamp.sec = seconds
    message.transform.translation.x, message.transform.translation.y = x, y
    message.transform.rotation.z = math.sin(yaw / 2)
    message.transform.rotation.w = math.cos(yaw / 2)
    return message


@st.composite
def rotations(draw):
    raw = draw(st.tuples(numbers, numbers, numbers, numbers).filter(any))
    norm = math.hypot(*raw)
    return tuple(x / norm for x in raw) if norm > 1e-6 else (0.0, 0.0, 0.0, 1.0)


@given(st.tuples(numbers, numbers, numbers), rotations())
def test_a_transform_and_its_inverse_cancel(position, rotation):
    moved, turned = compose((position, rotation), inverse((position, rotation)))
    assert moved == pytest.approx((0, 0, 0), abs=1e-9)
    assert abs(turned[3]) == pytest.approx(1)


@given(rotations(), rotations(), st.floats(0, 1))
def test_slerp_stays_on_the_sphere(first, second, ratio):
    assert math.hypot(*slerp(first, second, ratio)) == pytest.approx(1)


@given(rotations(), rotations(), st.tuples(numbers, numbers, numbers))
def test_rotating_twice_is_rotating_by_the_product(first, second, vector):
    assert rotate(first, rotate(second, vector)) == pytest.approx(
        rotate(multiply(first, second), vector), abs=1e-6
    )


def test_a_chain_is_followed_up_and_down():
    buffer = Buffer()
    buffer.set_transform(transform("map", "base", 1, x=2.0, yaw=math.pi / 2), "test")
    buffer.set_transform_static(transform("base", "camera", 0, x=1.0), "test")
    buffer.set_transform_static(transform("map", "shelf", 0, y=5.0), "test")
    found = buffer.lookup_transform("map", "camera", Time()).transform
    assert (found.translation.x, found.translation.y) == pytest.approx((2.0, 1.0))
    assert (found.rotation.z, found.rotation.w) == pytest.approx((SQUARE, SQUARE))
    found = buffer.lookup_transform("shelf", "camera", Time())
    assert (found.transform.translation.x, found.transform.translation.y) == pytest.approx((2, -4))
    assert found.header.frame_id == "shelf"
    assert found.child_frame_id == "camera"
    assert found.header.stamp.sec == 1


def test_between_two_times_it_interpolates_and_outside_it_refuses():
    buffer = Buffer()
    buffer.set_transform(transform("map", "base", 1, x=1.0), "test")
    buffer.set_transform(transform("map", "base", 3, x=3.0, yaw=math.pi / 2), "test")
    found = buffer.lookup_transform("map", "base", Time(seconds=2)).transform
    assert found.translation.x == pytest.approx(2.0)
    assert 2 * math.atan2(found.rotation.z, found.rotation.w) == pytest.approx(math.pi / 4)
    with pytest.raises(ExtrapolationException, match="future"):
        buffer.lookup_transform("map", "base", Time(seconds=4))
    with pytest.raises(ExtrapolationException, match="past"):
        buffer.lookup_transform("map", "base", Time(nanoseconds=1))


def test_errors_have_their_names():
    buffer = Buffer()
    buffer.set_transform(transform("map", "base", 1), "test")
    buffer.set_transform(transform("other", "thing", 1), "test")
    with pytest.raises(LookupException, match="nothing"):
        buffer.lookup_transform("map", "nothing", Time())
    with pytest.raises(ConnectivityException):
        buffer.lookup_transform("map", "thing", Time())
    with pytest.raises(InvalidArgumentException, match="cannot start with a '/'"):
        buffer.lookup_transform("/map", "base", Time())
    assert buffer.can_transform("map", "base", Time())
    assert buffer.can_transform("map", "thing", Time(), return_debug_tuple=True)[0] is False


def test_a_transform_that_makes_no_sense_is_logged_and_ignored(capfd):
    buffer = Buffer()
    broken = transform("map", "base", 2)
    broken.transform.rotation.w = 0.5
    not_a_number = transform("map", "base", 2, x=math.nan)
    for wrong in (transform("map", "map", 1), transform("", "base", 1), broken, not_a_number):
        assert buffer.set_transform(wrong, "somebody") is None
    assert buffer.all_frames_as_string() == ""
    said = capfd.readouterr().err
    for name in ("SELF_TRANSFORM", "NO_FRAME_ID", "DENORMALIZED_QUATERNION", "NAN_INPUT"):
        assert f"TF_{name}: Ignoring transform" in said


def test_a_frame_may_get_another_parent():
    buffer = Buffer()
    buffer.set_transform(transform("map", "box", 1, x=1.0), "test")
    buffer.set_transform(transform("map", "gripper", 1, x=5.0), "test")
    buffer.set_transform(transform("map", "gripper", 3, x=5.0), "test")
    buffer.set_transform(transform("gripper", "box", 3, x=0.5), "test")
    assert buffer.lookup_transform("map", "box", Time(seconds=1)).transform.translation.x == 1.0
    assert buffer.lookup_transform("map", "box", Time()).transform.translation.x == 5.5


def test_a_loop_is_told():
    buffer = Buffer()
    for parent, child in (("a", "b"), ("b", "c"), ("c", "a")):
        buffer.set_transform(transform(parent, child, 1), "test")
    buffer.set_transform(transform("x", "y", 1), "test")
    with pytest.raises(LookupException, match="contains a loop"):
        buffer.lookup_transform("x", "b", Time())


def test_the_frames_are_told():
    buffer = Buffer()
    buffer.set_transform(transform("map", "base", 1), "odometry")
    buffer.set_transform_static(transform("base", "camera", 0), "model")
    assert buffer.all_frames_as_string() == (
        "Frame base exists with parent map.\nFrame camera exists with parent base.\n"
    )


def test_old_transforms_are_forgotten():
    buffer = Buffer(cache_time=Duration(seconds=2))
    for second in range(1, 11):
        buffer.set_transform(transform("map", "base", second, x=float(second)), "test")
    assert buffer.can_transform("map", "base", Time(seconds=8))
    assert not buffer.can_transform("map", "base", Time(seconds=7))


def test_transforms_travel_over_topics(spinning):
    sender, receiver = spinning("sender"), spinning("receiver")
    StaticTransformBroadcaster(sender).sendTransform(transform("base", "camera", 0, x=1.0))
    buffer = Buffer()
    TransformListener(buffer, receiver)
    moving = TransformBroadcaster(sender)
    sender.create_timer(0.02, lambda: moving.sendTransform(transform("map", "base", 1, x=2.0)))
    found = buffer.lookup_transform("map", "camera", Time(), timeout=PATIENCE)
    assert math.isclose(found.transform.translation.x, 3.0)
