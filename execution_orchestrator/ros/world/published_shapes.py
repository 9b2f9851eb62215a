"""Planned paths and outlines of robots as they are drawn, read only when they are new."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from geometry_msgs.msg import PolygonStamped
from nav_msgs.msg import Path
from rclpy.serialization import deserialize_message

from execution_orchestrator.monitoring.web.floor import RobotPlace
from execution_orchestrator.ros.world.transforms import Matrix, matrix_of_pose

PATH_POINTS = 400  # of a planned path
OUTLINE_POINTS = 64
STILL = 0.02  # radians between two looks up to which a robot does not turn
SAME = 0.02  # metres up to which two outlines are one

Point = tuple[float, float]
Pose = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Planned:
    data: bytes
    frame: str
    pose: Pose | None  # of the frame in the map
    points: list[Point]


@dataclass(frozen=True, slots=True)
class _Outline:
    points: list[Point]
    yaw: float


class PublishedShapes:
    """Brings what was published into the map's frame; ``pose_of`` says where a frame is in it."""

    def __init__(self, frame: str, pose_of: Callable[[str], Pose | None]) -> None:
        self._frame = frame
        self._pose_of = pose_of
        self._planned: dict[str, _Planned] = {}
        self._outlines: dict[str, _Outline] = {}

    def path(self, robot: str, data: bytes) -> list[Point]:
        """Return a planned path; nothing if its frame is not known to tf."""
        known = self._planned.get(robot)
        if known is not None and known.data is data and known.pose == self._pose(known.frame):
            return known.points
        message = deserialize_message(data, Path)
        frame = message.header.frame_id.lstrip("/")
        pose = self._pose(frame)
        into = self._into(frame, pose)
        step = max(1, len(message.poses) // PATH_POINTS)
        poses = [*message.poses[::step], *message.poses[-1:]]
        moved = [] if into is None else _moved([_point(one.pose.position) for one in poses], into)
        points = [(round(x, 2), round(y, 2)) for x, y in moved]
        self._planned[robot] = _Planned(data, frame, pose, points)
        return points

    def outline(self, robot: RobotPlace, data: bytes) -> list[Point]:
        """Return the outline around the base: metres, x ahead.

        It was published for the pose of a moment ago, so it is askew while the robot turns: then
        the last outline from before the turn counts.
        """
        known = self._outlines.get(robot.name)
        turns = known is not None and abs(math.remainder(robot.yaw - known.yaw, math.tau)) > STILL
        points = known.points if known is not None and turns else self._around(robot, data)
        if known is not None and _alike(known.points, points):
            points = known.points
        if points:
            self._outlines[robot.name] = _Outline(points, robot.yaw)
        return points

    def _around(self, robot: RobotPlace, data: bytes) -> list[Point]:
        message = deserialize_message(data, PolygonStamped)
        frame = message.header.frame_id.lstrip("/")
        into = self._into(frame, self._pose(frame))
        points = [_point(one) for one in message.polygon.points[:OUTLINE_POINTS]]
        if into is None or not points:
            return []
        moved = np.array(_moved(points, into))
        sin, cos = math.sin(robot.yaw), math.cos(robot.yaw)
        ahead = (moved - moved.mean(axis=0)) @ np.array([[cos, -sin], [sin, cos]])
        return [(round(x, 2), round(y, 2)) for x, y in ahead.tolist()]

    def _pose(self, frame: str) -> Pose | None:
        return None if frame in ("", self._frame) else self._pose_of(frame)

    def _into(self, frame: str, pose: Pose | None) -> Matrix | None:
        if frame in ("", self._frame):
            return np.eye(4)
        return None if pose is None else matrix_of_pose(pose)


def _point(position: Any) -> Point:
    return position.x, position.y


def _moved(points: list[Point], into: Matrix) -> list[Point]:
    if not points:
        return []
    moved: list[Point] = (np.array(points) @ into[:2, :2].T + into[:2, 3]).tolist()
    return moved


def _alike(one: list[Point], other: list[Point]) -> bool:
    return len(one) == len(other) and all(
        math.dist(here, there) <= SAME for here, there in zip(one, other, strict=True)
    )
