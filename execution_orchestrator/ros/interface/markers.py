"""~/markers: targets, the way between them, state by colour, failures and recoveries as text.

Stamps are zero, which RViz reads as "wherever the frame is now": a picture that is kept for late
joiners must not depend on a transform of the past.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geometry_msgs.msg import Point
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from execution_orchestrator.monitoring.markers import Locate, Target, summary, targets
from execution_orchestrator.observation import Observation

COLOURS = {
    "SUCCEEDED": (0.18, 0.55, 0.34),
    "FAILED": (0.78, 0.22, 0.18),
    "RUNNING": (0.18, 0.44, 0.82),
    "RECOVERING": (0.88, 0.63, 0.0),
    "CANCELLED": (0.79, 0.54, 0.0),
}
OTHER = (0.5, 0.53, 0.57)
WAY = (0.42, 0.55, 0.78)
NOTE = (0.85, 0.3, 0.1)
ARROW = (0.35, 0.09, 0.09)  # metres: length, width, height
TEXT_HEIGHT = 0.16  # metres
LINE = 1.4 * TEXT_HEIGHT  # metres from line to line
ABOVE_TARGET = 0.15  # metres
BEFORE_TARGET = 0.25  # metres from the target to the first line, so that from above it is seen too
ABOVE_ROBOT = 1.7  # metres
SAME_PLACE = 0.3  # metres; labels of targets that are nearer go below one another
EARLIER = 5  # executions whose failures stay on the map
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass(frozen=True)
class Picture:
    """What is shown: the newest plan, what failed in earlier ones, and words above the robot."""

    plan: tuple[Target, ...] = ()
    earlier: tuple[Target, ...] = ()
    words: str = ""
    robot: tuple[str, float, float] | None = None


class Markers:
    """Publishes the newest execution; a picture is sent only when it changed."""

    def __init__(
        self,
        node: Any,
        observation: Observation,
        *,
        locate: Locate,
        robot_pose: Callable[[], Mapping[str, Any] | None],
        now: Callable[[], float],
    ) -> None:
        self._observation = observation
        self._now = now
        self._locate = locate
        self._robot_pose = robot_pose
        self._publisher = node.create_publisher(MarkerArray, "~/markers", LATCHED)
        self._shown: Picture | None = None

    def look(self) -> None:
        """Publish if somebody looks and something changed since the last look."""
        if not self._publisher.get_subscription_count():
            return
        picture = self._take()
        if picture != self._shown:
            self._shown = picture
            self._publisher.publish(markers_of(picture))

    def _take(self) -> Picture:
        records = self._observation.records()
        if not records:
            return Picture()
        earlier = [
            target
            for record in records[1 : EARLIER + 1]
            for target in targets(record, self._locate)
            if target.status == "FAILED"
        ]
        pose = self._robot_pose()
        return Picture(
            tuple(targets(records[0], self._locate)),
            tuple(earlier),
            summary(records[0], self._now()),
            # To the decimetre, so that a base that stands still is not drawn again and again.
            (str(pose.get("frame") or "map"), round(pose["x"], 1), round(pose["y"], 1))
            if pose
            else None,
        )


def markers_of(picture: Picture) -> MarkerArray:
    """Return the markers of a picture, after one that removes those of the picture before."""
    markers = [Marker(action=Marker.DELETEALL)]
    plan = picture.plan
    for index, (start, end) in enumerate(itertools.pairwise(plan)):
        if start.frame == end.frame:
            markers.append(_way(index, start, end))
    ends: list[float] = []
    for index, target in enumerate(plan):
        markers.append(_arrow("targets", index, target))
        above = [end for other, end in zip(plan, ends, strict=False) if _near(other, target)]
        ends.append(_label(markers, index, target, min(above, default=target.y - BEFORE_TARGET)))
    for index, target in enumerate(picture.earlier):
        markers.append(_arrow("earlier", index, target, alpha=0.5))
        if not any(_near(other, target) for other in plan):
            words = [target.key, *target.notes]
            middle = target.y - BEFORE_TARGET - LINE * len(target.notes) / 2
            markers.append(_text("earlier_notes", index, target, "\n".join(words), middle, NOTE))
    if picture.robot is not None and picture.words:
        frame, x, y = picture.robot
        above_robot = Target("", frame, x, y, ABOVE_ROBOT, 0.0, "")
        markers.append(_text("summary", 0, above_robot, picture.words, y, OTHER))
    return MarkerArray(markers=markers)


def _label(markers: list[Any], index: int, target: Target, y: float) -> float:
    """Add the name in the colour of the state and, below it, the notes; return where it ends."""
    colour = COLOURS.get(target.status, OTHER)
    markers.append(_text("labels", index, target, target.key, y, colour))
    y -= LINE
    if target.notes:
        # A text is centred on its place.
        middle = y - LINE * (len(target.notes) - 1) / 2
        markers.append(_text("notes", index, target, "\n".join(target.notes), middle, NOTE))
        y -= LINE * len(target.notes)
    return y


def _near(one: Target, other: Target) -> bool:
    return one.frame == other.frame and math.hypot(one.x - other.x, one.y - other.y) < SAME_PLACE


def _marker(name: str, index: int, kind: int, frame: str, colour: tuple[float, ...]) -> Marker:
    marker = Marker(ns=name, id=index, type=kind, action=Marker.ADD)
    marker.header.frame_id = frame
    red, green, blue = colour
    marker.color = ColorRGBA(r=red, g=green, b=blue, a=1.0)
    marker.pose.orientation.w = 1.0
    return marker


def _arrow(name: str, index: int, target: Target, alpha: float = 1.0) -> Marker:
    colour = COLOURS.get(target.status, OTHER)
    marker = _marker(name, index, Marker.ARROW, target.frame, colour)
    marker.color.a = alpha
    position = marker.pose.position
    position.x, position.y, position.z = target.x, target.y, target.z
    marker.pose.orientation.z = math.sin(target.yaw / 2)
    marker.pose.orientation.w = math.cos(target.yaw / 2)
    marker.scale.x, marker.scale.y, marker.scale.z = ARROW
    return marker


def _text(
    name: str, index: int, target: Target, words: str, y: float, colour: tuple[float, ...]
) -> Marker:
    marker = _marker(name, index, Marker.TEXT_VIEW_FACING, target.frame, colour)
    position = marker.pose.position
    position.x, position.y, position.z = target.x, y, target.z + ABOVE_TARGET
    marker.scale.z = TEXT_HEIGHT
    marker.text = words
    return marker


def _way(index: int, start: Target, end: Target) -> Marker:
    marker = _marker("ways", index, Marker.LINE_STRIP, end.frame, WAY)
    marker.scale.x = 0.03
    marker.points = [Point(x=t.x, y=t.y, z=t.z + 0.02) for t in (start, end)]
    return marker
