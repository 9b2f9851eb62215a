import math
from types import SimpleNamespace as Fields

import pytest

from execution_orchestrator.capabilities.geometry import quaternion_from_euler, yaw_from_quaternion
from execution_orchestrator.ros.world.fixed_places import FixedPlaces
from execution_orchestrator.ros.world.transforms import TransformBuffer


def stamped(parent, child, x, y, yaw=0.0):
    return Fields(
        header=Fields(frame_id=parent),
        child_frame_id=child,
        transform=Fields(
            translation=Fields(x=x, y=y, z=0.0),
            rotation=Fields(**quaternion_from_euler(0.0, 0.0, yaw)),
        ),
    )


def test_transforms_are_chained():
    buffer = TransformBuffer()
    buffer.update([stamped("map", "odom", 1.0, 0.0, math.pi / 2)])
    buffer.update([stamped("odom", "base_link", 2.0, 0.0, 0.1)])
    pose = buffer.pose("map", "base_link")
    assert pose["position"] == pytest.approx({"x": 1.0, "y": 2.0, "z": 0.0})
    assert yaw_from_quaternion(pose["orientation"]) == pytest.approx(math.pi / 2 + 0.1)


def test_frames_on_two_branches_are_connected_through_their_root():
    buffer = TransformBuffer()
    buffer.update([stamped("base_link", "camera", 0.5, 0.0), stamped("base_link", "arm", 0.0, 0.5)])
    assert buffer.pose("arm", "camera")["position"] == pytest.approx(
        {"x": 0.5, "y": -0.5, "z": 0.0}
    )


def test_unconnected_frames_have_no_pose():
    buffer = TransformBuffer()
    buffer.update([stamped("odom", "base_link", 1.0, 0.0)])
    assert buffer.pose("map", "base_link") is None


def test_a_loop_of_frames_ends():
    buffer = TransformBuffer()
    buffer.update([stamped("a", "b", 1.0, 0.0), stamped("b", "a", 1.0, 0.0)])
    buffer.pose("map", "a")


def test_the_slowest_repeated_transform_tells_when_a_pose_was_known_last():
    buffer = TransformBuffer()
    buffer.update([stamped("map", "odom", 0.0, 0.0)], 1.0)
    for now in range(1, 8):
        buffer.update([stamped("odom", "base_link", 0.0, 0.0)], float(now))
    buffer.update([stamped("base_link", "laser", 0.0, 0.0)], 0.0, static=True)
    # One that came once, and a static one, are not expected again.
    assert buffer.heard("map", "laser") == 7.0
    for now in range(1, 6):
        buffer.update([stamped("map", "odom", 0.0, 0.0)], float(now))
    assert buffer.heard("map", "base_link") == 5.0
    assert buffer.heard("base_link", "laser") is None
    assert buffer.frames == {"map", "odom", "base_link", "laser"}


def test_a_place_in_the_robots_frame_is_fixed_in_the_map():
    buffer = TransformBuffer()
    places = FixedPlaces(buffer, ["robot"])
    ahead = {"x": 2.5, "y": 0.0, "yaw": 0.2, "frame": "base_link"}
    assert places.place(ahead) is None  # nobody knows where that is
    buffer.update([stamped("odom", "base_link", 1.0, 0.0, math.pi / 2)])
    assert places.place(ahead)["frame"] == "odom"
    buffer.update([stamped("map", "odom", 0.0, 1.0), stamped("base_link", "laser", 0.1, 0.0)])
    fixed = places.place(ahead)
    assert (fixed["frame"], fixed["x"], fixed["y"]) == (
        "map",
        pytest.approx(1.0),
        pytest.approx(3.5),
    )
    assert fixed["yaw"] == pytest.approx(math.pi / 2 + 0.2)
    assert places.place({**ahead, "frame": "laser"})["y"] == pytest.approx(3.6)
    # It does not move with the robot, or is no pose at all.
    for other in (
        {"x": 1.0, "y": 1.0},
        {**ahead, "frame": "map"},
        "kitchen",
        {"frame": "base_link"},
    ):
        assert places.place(other) is None
    both = places.place([ahead, {"x": 1.0, "y": 1.0}])
    assert [one.get("frame", "") for one in both] == ["map", ""]
