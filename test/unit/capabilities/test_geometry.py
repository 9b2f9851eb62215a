import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.capabilities.geometry import (
    PoseError,
    flat_pose,
    frame_of,
    point_fields,
    pose_fields,
    pose_stamped_fields,
    quaternion_from_euler,
    yaw_from_quaternion,
)

ANGLES = st.floats(-math.pi + 1e-6, math.pi - 1e-6)
METRES = st.floats(-1e4, 1e4)


@given(ANGLES)
def test_yaw_survives_the_quaternion(yaw):
    assert yaw_from_quaternion(quaternion_from_euler(0.0, 0.0, yaw)) == pytest.approx(yaw, abs=1e-9)


@given(METRES, METRES, METRES, ANGLES)
def test_a_flat_pose_can_be_read_again(x, y, z, yaw):
    fields = pose_fields({"x": x, "y": y, "z": z, "yaw": yaw})
    again = pose_fields(flat_pose(fields, "map"))
    assert again["position"] == fields["position"]
    for part in "xyzw":
        assert again["orientation"][part] == pytest.approx(fields["orientation"][part])


@given(ANGLES, st.floats(-1.5, 1.5), ANGLES)
def test_quaternions_have_unit_length(roll, pitch, yaw):
    quaternion = quaternion_from_euler(roll, pitch, yaw)
    assert sum(part * part for part in quaternion.values()) == pytest.approx(1.0)


def test_half_a_turn_of_pitch_points_the_x_axis_down():
    q = quaternion_from_euler(0.0, math.pi / 2, 0.0)
    x_axis_z = 2 * (q["x"] * q["z"] - q["w"] * q["y"])
    assert x_axis_z == pytest.approx(-1.0)


def test_a_whole_pose_stamped_keeps_its_frame():
    value = {
        "header": {"frame_id": "base_link"},
        "pose": {"position": {"x": 1, "y": 2, "z": 3}, "orientation": {"z": 2.0, "w": 0.0}},
    }
    fields = pose_stamped_fields(value, "map")
    assert fields["header"] == {"frame_id": "base_link"}
    assert fields["pose"]["orientation"] == {"x": 0.0, "y": 0.0, "z": 1.0, "w": 0.0}


def test_coordinates_without_a_frame_are_in_the_default_frame():
    assert pose_stamped_fields({"x": 1, "y": 2}, "map")["header"] == {"frame_id": "map"}
    assert pose_stamped_fields({"x": 1, "y": 2, "frame": "odom"}, "map")["header"] == {
        "frame_id": "odom"
    }


@pytest.mark.parametrize(
    "value",
    [
        {"x": 1.0},
        {"x": 1.0, "y": math.nan},
        {"x": math.inf, "y": 0},
        {"x": "1", "y": 2},
        {"x": True, "y": 2},
        [1, 2],
        None,
        {"position": {"x": 1, "y": 1}, "orientation": {"x": 0, "y": 0, "z": 0, "w": 0}},
        {"x": 1, "y": 1, "orientation": {"z": 1.7e308, "w": 1.7e308}},
        {"x": 10**400, "y": 1},
    ],
)
def test_what_is_no_pose_is_refused(value):
    with pytest.raises(PoseError):
        pose_fields(value)


@pytest.mark.parametrize("size", [1e-200, 1e-5, 1.0, 2.0, 1e200, 1e308])
def test_an_orientation_of_any_length_becomes_a_unit_quaternion(size):
    turned = pose_fields({"x": 1, "y": 1, "orientation": {"z": size, "w": size}})["orientation"]
    assert turned == {
        "x": 0.0,
        "y": 0.0,
        "z": pytest.approx(0.5**0.5),
        "w": pytest.approx(0.5**0.5),
    }


def test_points_come_from_lists_too():
    assert point_fields([1, 2]) == {"x": 1.0, "y": 2.0}
    assert point_fields({"x": 1, "y": 2})["z"] == 0.0


def test_a_frame_of_ros_1_is_understood():
    assert frame_of({"x": 1.0, "y": 2.0, "frame": "/map"}, "odom") == "map"
