import math

import pytest
from geometry_msgs.msg import Point32, PolygonStamped, PoseStamped
from nav_msgs.msg import Path
from rclpy.serialization import serialize_message

from execution_orchestrator.monitoring.web.floor import RobotPlace
from execution_orchestrator.ros.world import published_shapes
from execution_orchestrator.ros.world.published_shapes import PublishedShapes

CORNERS = [(0.3, 0.2), (-0.3, 0.2), (-0.3, -0.2), (0.3, -0.2)]


def pose(x, y, yaw=0.0):
    turn = {"x": 0.0, "y": 0.0, "z": math.sin(yaw / 2), "w": math.cos(yaw / 2)}
    return {"position": {"x": x, "y": y, "z": 0.0}, "orientation": turn}


class World:
    """Where the frame odom is; counts what is read."""

    def __init__(self, monkeypatch):
        self.odom = pose(1.0, 0.0)
        self.read = []
        real = published_shapes.deserialize_message
        monkeypatch.setattr(
            published_shapes,
            "deserialize_message",
            lambda data, kind: self.read.append(kind) or real(data, kind),
        )
        self.shapes = PublishedShapes("map", self.place_of)

    def place_of(self, frame):
        return self.odom if frame == "odom" else None


@pytest.fixture
def world(monkeypatch):
    return World(monkeypatch)


def path(*points, frame="map"):
    message = Path()
    message.header.frame_id = frame
    for x, y in points:
        one = PoseStamped()
        one.pose.position.x, one.pose.position.y = x, y
        message.poses.append(one)
    return serialize_message(message)


def outline(x, y, yaw, corners=CORNERS):
    message = PolygonStamped()
    message.header.frame_id = "map"
    sin, cos = math.sin(yaw), math.cos(yaw)
    message.polygon.points = [
        Point32(x=x + a * cos - b * sin, y=y + a * sin + b * cos) for a, b in corners
    ]
    return serialize_message(message)


def test_a_path_is_read_once_and_moved_when_its_frame_is_elsewhere(world):
    data = path((0.0, 0.0), (2.0, 1.0), frame="odom")
    assert world.shapes.path("", data) == [(1.0, 0.0), (3.0, 1.0), (3.0, 1.0)]
    for _ in range(5):
        world.shapes.path("", data)
    assert world.read == [Path]
    world.odom = pose(0.0, 0.0, math.pi / 2)
    assert world.shapes.path("", data)[1] == (-1.0, 2.0)
    assert world.shapes.path("", path((5.0, 5.0)))[0] == (5.0, 5.0)


def test_a_path_in_a_frame_that_nobody_knows_is_not_drawn(world):
    assert world.shapes.path("", path((0.0, 0.0), frame="elsewhere")) == []
    assert world.shapes.path("", path()) == []


def test_an_outline_keeps_its_shape_while_the_robot_turns(world):
    def at(yaw, told):
        return world.shapes.outline(RobotPlace("", 2.0, 1.0, yaw), outline(2.0, 1.0, told))

    assert at(0.5, 0.5) == CORNERS
    for yaw in (0.8, 1.1, 1.4):
        assert at(yaw, yaw - 0.3) == CORNERS  # it was told where the robot was before
    assert at(1.4, 1.41) == CORNERS
    assert world.read


def test_a_robot_that_changes_its_outline_gets_the_new_one(world):
    wider = [(2 * x, y) for x, y in CORNERS]
    place = RobotPlace("", 0.0, 0.0, 0.0)
    world.shapes.outline(place, outline(0.0, 0.0, 0.0))
    assert world.shapes.outline(place, outline(0.0, 0.0, 0.0, wider)) == wider
