import asyncio
import math

import pytest
from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from tf2_msgs.msg import TFMessage

from execution_orchestrator.capabilities.geometry import quaternion_from_euler, yaw_from_quaternion
from execution_orchestrator.ros.world.fixed_places import FixedPlaces
from execution_orchestrator.ros.world.seen_objects import place_objects
from execution_orchestrator.ros.world.transforms import Transforms
from test.unit.ros.tf_node import tf_node


def stamped(parent, child, x, y, yaw=0.0, at=1):
    made = TransformStamped(child_frame_id=child)
    made.header.frame_id, made.header.stamp.sec = parent, at
    place = made.transform
    place.translation.x, place.translation.y = x, y
    for name, value in quaternion_from_euler(0.0, 0.0, yaw).items():
        setattr(place.rotation, name, value)
    return made


class Tf:
    """tf of a robot, and a clock; a test publishes."""

    def __init__(self):
        self.takes = {}
        self.now = 0.0
        self.told = 0
        node = tf_node(self.takes)
        self.transforms = Transforms(node, self.count, clock=lambda: self.now)

    def count(self):
        self.told += 1

    def publish(self, *transforms, static=False):
        self.takes["/tf_static" if static else "/tf"](TFMessage(transforms=list(transforms)))


@pytest.fixture
def tf():
    return Tf()


def test_transforms_are_chained(tf):
    tf.publish(stamped("map", "odom", 1.0, 0.0, math.pi / 2))
    tf.publish(stamped("odom", "base_link", 2.0, 0.0, 0.1))
    pose = tf.transforms.pose("map", "base_link")
    assert pose["position"] == pytest.approx({"x": 1.0, "y": 2.0, "z": 0.0})
    assert yaw_from_quaternion(pose["orientation"]) == pytest.approx(math.pi / 2 + 0.1)
    assert tf.told == 2


def test_frames_on_two_branches_are_connected_through_their_root(tf):
    tf.publish(stamped("base_link", "camera", 0.5, 0.0), stamped("base_link", "arm", 0.0, 0.5))
    pose = tf.transforms.pose("arm", "camera")
    assert pose["position"] == pytest.approx({"x": 0.5, "y": -0.5, "z": 0.0})


def test_unconnected_frames_have_no_pose(tf):
    tf.publish(stamped("odom", "base_link", 1.0, 0.0))
    assert tf.transforms.pose("map", "base_link") is None


def test_a_loop_of_frames_ends(tf):
    tf.publish(stamped("a", "b", 1.0, 0.0), stamped("b", "a", 1.0, 0.0))
    assert tf.transforms.pose("map", "a") is None
    assert tf.transforms.ancestors("a") == ["a", "b"]


def test_a_pose_is_looked_up_at_its_stamp(tf):
    tf.publish(stamped("map", "base_link", 1.0, 0.0, at=10))
    tf.publish(stamped("map", "base_link", 3.0, 0.0, at=12))
    pose = tf.transforms.pose("map", "base_link", Time(sec=11))
    assert pose["position"]["x"] == pytest.approx(2.0)
    assert tf.transforms.pose("map", "base_link")["position"]["x"] == pytest.approx(3.0)
    for unknown in (Time(sec=9), Time(sec=13)):
        assert tf.transforms.pose("map", "base_link", unknown) is None


def test_the_slowest_repeated_transform_tells_when_a_pose_was_known_last(tf):
    tf.now = 1.0
    tf.publish(stamped("map", "odom", 0.0, 0.0))
    for now in range(1, 8):
        tf.now = float(now)
        tf.publish(stamped("odom", "base_link", 0.0, 0.0, at=now))
    tf.publish(stamped("base_link", "laser", 0.0, 0.0), static=True)
    # One that came once, and a static one, are not expected again.
    assert tf.transforms.heard("map", "laser") == 7.0
    for now in range(1, 6):
        tf.now = float(now)
        tf.publish(stamped("map", "odom", 0.0, 0.0, at=now))
    assert tf.transforms.heard("map", "base_link") == 5.0
    assert tf.transforms.heard("base_link", "laser") is None
    assert tf.transforms.frames == {"map", "odom", "base_link", "laser"}
    assert tf.transforms.silent("map", "base_link") == 0.0
    tf.now = 20.0
    assert tf.transforms.silent("map", "base_link") == 15.0
    assert tf.transforms.silent("base_link", "laser") == 0.0


def test_a_place_in_the_robots_frame_is_fixed_in_the_map(tf):
    places = FixedPlaces(tf.transforms, ["robot"])
    ahead = {"x": 2.5, "y": 0.0, "yaw": 0.2, "frame": "base_link"}
    assert places.place(ahead) is None  # nobody knows where that is
    assert places.moves(ahead)
    assert not places.moves({**ahead, "frame": "laser"})
    tf.publish(stamped("odom", "base_link", 1.0, 0.0, math.pi / 2))
    assert places.place(ahead)["frame"] == "odom"
    tf.publish(stamped("map", "odom", 0.0, 1.0), stamped("base_link", "laser", 0.1, 0.0))
    fixed = places.place(ahead)
    assert (fixed["frame"], fixed["x"], fixed["y"]) == (
        "map",
        pytest.approx(1.0),
        pytest.approx(3.5),
    )
    assert fixed["yaw"] == pytest.approx(math.pi / 2 + 0.2)
    assert places.place({**ahead, "frame": "laser"})["y"] == pytest.approx(3.6)
    assert places.moves({**ahead, "frame": "laser"})
    # It does not move with the robot, or is no pose at all.
    for other in (
        {"x": 1.0, "y": 1.0},
        {**ahead, "frame": "map"},
        "kitchen",
        {"frame": "base_link"},
    ):
        assert places.place(other) is None
    assert not any(map(places.moves, ({"x": 1.0, "y": 1.0}, {**ahead, "frame": "map"}, "kitchen")))
    both = places.place([ahead, {"x": 1.0, "y": 1.0}])
    assert [one.get("frame", "") for one in both] == ["map", ""]


def test_nothing_is_fixed_by_transforms_that_fell_silent(tf):
    places = FixedPlaces(tf.transforms, [])
    for second in range(1, 7):
        tf.publish(stamped("map", "base_link", 0.0, 0.0, at=second))
    ahead = {"x": 2.5, "y": 0.0, "frame": "base_link"}
    assert places.place(ahead) is not None
    tf.now = 10.0
    assert places.place(ahead) is None


def seen(frame, **stamp):
    return {"objects": [{"id": "cup", "pose": {"x": 1.0, "y": 0.0, "frame": frame}, **stamp}]}


async def placed(tf, output):
    made = await place_objects(output, FixedPlaces(tf.transforms, []), tf.transforms)
    return made["objects"][0]["pose"]


async def test_what_a_camera_saw_is_where_it_was_when_the_picture_was_made(tf):
    tf.publish(stamped("base_link", "camera", 0.5, 0.0), static=True)
    tf.publish(stamped("map", "base_link", 1.0, 0.0, at=10))
    tf.publish(stamped("map", "base_link", 9.0, 0.0, at=14))
    pose = await placed(tf, seen("camera", stamp={"sec": 12, "nanosec": 0}))
    assert (pose["frame"], pose["x"]) == ("map", pytest.approx(5.0 + 0.5 + 1.0))
    assert (await placed(tf, seen("camera")))["x"] == pytest.approx(10.5)  # now
    assert await placed(tf, seen("map")) == seen("map")["objects"][0]["pose"]


async def test_the_transform_may_come_a_moment_after_the_picture(tf):
    tf.publish(stamped("map", "base_link", 1.0, 0.0, at=10))
    looking = asyncio.ensure_future(placed(tf, seen("base_link", stamp={"sec": 12})))
    await asyncio.sleep(0.05)
    assert not looking.done()
    tf.publish(stamped("map", "base_link", 3.0, 0.0, at=12))
    assert (await looking)["x"] == pytest.approx(4.0)


async def test_one_that_tf_does_not_know_for_that_moment_stays_as_it_is(tf, caplog):
    tf.publish(stamped("map", "base_link", 1.0, 0.0, at=10))
    looking = asyncio.ensure_future(placed(tf, seen("base_link", stamp={"sec": 2})))
    await asyncio.sleep(0.01)
    tf.now = 1.0
    assert (await looking)["frame"] == "base_link"
    assert "cup stays in base_link" in caplog.text
