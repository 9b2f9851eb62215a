"""~/markers: targets and their order, state by colour, failures and recoveries as text, objects.

Stamps are zero, which RViz reads as "wherever the frame is now": a picture that is kept for late
joiners must not depend on a transform of the past.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from geometry_msgs.msg import Point
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from execution_orchestrator.monitoring.markers import (
    ARROW,
    COLOURS,
    OTHER,
    SPACE,
    TEXT_HEIGHT,
    Begun,
    Locate,
    Target,
    summary,
    targets,
)
from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.endpoints import subscribers_of

# What is shown of several actions at one place: the first of these that one of them has.
URGENT = ("FAILED", "RECOVERING", "CANCELING", "RUNNING", "DISPATCHED", "CANCELLED", "SKIPPED")
ORDER = (0.30, 0.38, 0.55)
OBJECT = (0.10, 0.45, 0.50)
ROBOT = (0.10, 0.10, 0.15)
DASH = 0.12  # metres of a dash, and of a gap
LINE = 1.4 * TEXT_HEIGHT  # metres from line to line
ABOVE_TARGET = 0.15  # metres
BEFORE_TARGET = 0.25  # metres from the target to the first line, so that from above it is seen too
ABOVE_ROBOT = 1.7  # metres
SAME_PLACE = 0.3  # metres; targets that are nearer share a label
EARLIER = 5  # executions whose failures stay on the map
MAX_OBJECTS = 200
NOT_REACHED = ("FAILED", "SKIPPED", "CANCELLED")
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
Pose = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """What is shown: the newest plan, what failed in earlier ones, objects, words at the robot."""

    plan: tuple[Target, ...] = ()
    earlier: tuple[Target, ...] = ()
    objects: tuple[Target, ...] = ()
    words: str = ""
    robot: Target | None = None


class Markers:
    """Publishes the newest execution. Only what changed is sent, all of it to a new subscriber."""

    def __init__(
        self,
        node: Any,
        observation: Observation,
        *,
        locate: Locate,
        objects: Callable[[], Mapping[str, Pose]],
        robot_pose: Callable[[], Pose | None],
        now: Callable[[], float],
    ) -> None:
        self._observation = observation
        self._now = now
        self._locate = locate
        self._objects = objects
        self._robot_pose = robot_pose
        self._node = node
        self._publisher = node.create_publisher(MarkerArray, "~/markers", LATCHED)
        self._begun: dict[str, Begun] = {}
        self._lookers = 0
        self._who: frozenset[bytes] = frozenset()
        self._shown: dict[tuple[str, int], Any] = {}

    def look(self) -> None:
        """Publish if there is a subscriber and something changed since the last call."""
        records = self._observation.newest()[: EARLIER + 1]
        self._begun = {one.execution_id: self._begun.get(one.execution_id, {}) for one in records}
        lookers = self._publisher.get_subscription_count()
        # One that comes in the second in which another one goes (a display that is ticked again)
        # changes no number.
        who = subscribers_of(self._node, self._publisher.topic_name) if lookers else frozenset()
        someone_new = lookers > self._lookers or not who <= self._who
        self._lookers, self._who = lookers, who
        if not lookers:
            self._shown = {}
            for one in records:  # for who subscribes later: where what begins now is to act
                if one.ended is None:
                    targets(one, self._locate, self._begun[one.execution_id])
            return
        of_each = [
            tuple(targets(one, self._locate, self._begun[one.execution_id])) for one in records
        ]
        picture = self._take(of_each, summary(records[0], self._now()) if records else "")
        markers = {(marker.ns, marker.id): marker for marker in markers_of(picture)}
        if someone_new:
            everything = [Marker(action=Marker.DELETEALL), *markers.values()]
            self._publisher.publish(MarkerArray(markers=everything))
        elif changes := changed(self._shown, markers):
            self._publisher.publish(MarkerArray(markers=changes))
        self._shown = markers

    def _take(self, of_each: list[tuple[Target, ...]], words: str) -> Picture:
        pose = self._robot_pose()
        seen = sorted(self._objects().items())[:MAX_OBJECTS]
        return Picture(
            plan=of_each[0] if of_each else (),
            earlier=tuple(
                target for of_one in of_each[1:] for target in of_one if target.status == "FAILED"
            ),
            objects=tuple(_at(name, pose) for name, pose in seen if "x" in pose),
            words=words,
            # To the decimetre, so that a base that stands still is not drawn again and again.
            robot=_at("", pose, places=1) if pose else None,
        )


def changed(before: Mapping[tuple[str, int], Any], now: Mapping[tuple[str, int], Any]) -> list[Any]:
    """Return the markers that turn one picture into the other."""
    found = [marker for key, marker in now.items() if before.get(key) != marker]
    gone = [key for key in before if key not in now]
    return found + [Marker(ns=ns, id=number, action=Marker.DELETE) for ns, number in gone]


def markers_of(picture: Picture) -> list[Any]:
    """Return the markers of a picture."""
    markers = list(_order(picture.plan))
    groups = _by_place(picture.plan)
    for index, group in enumerate(groups):
        colour = _colour(group)
        markers.append(_arrow("targets", index, group[-1], colour))
        markers.append(_label("labels", index, group, colour))
    for index, group in enumerate(_by_place(picture.earlier)):
        markers.append(_arrow("earlier", index, group[0], COLOURS["FAILED"], alpha=0.5))
        if not any(_near(group[0], now[0]) for now in groups):
            markers.append(_label("earlier_labels", index, group, COLOURS["FAILED"]))
    for index, target in enumerate(picture.objects):
        ball = _marker("objects", index, Marker.SPHERE, target, OBJECT)
        ball.scale.x = ball.scale.y = ball.scale.z = 0.08
        words = _text("object_labels", index, target, [target.key], target.y, OBJECT)
        words.pose.position.z += ABOVE_TARGET
        markers += [ball, words]
    if picture.robot is not None:
        markers.append(_arrow("robot", 0, picture.robot, ROBOT))
        if picture.words:
            lines = picture.words.splitlines()
            words = _text("summary", 0, picture.robot, lines, picture.robot.y, ROBOT)
            words.pose.position.z = ABOVE_ROBOT
            markers.append(words)
    return markers


def _at(name: str, pose: Pose, places: int = 3) -> Target:
    x, y, z, yaw = (round(float(pose.get(axis) or 0.0), places) for axis in ("x", "y", "z", "yaw"))
    return Target(name, str(pose.get("frame") or "map"), x, y, z, yaw, "")


def _by_place(plan: Iterable[Target]) -> list[list[Target]]:
    groups: list[list[Target]] = []
    for target in plan:
        group = next((one for one in groups if _near(one[0], target)), None)
        if group is None:
            groups.append([target])
        else:
            group.append(target)
    return groups


def _near(one: Target, other: Target) -> bool:
    return one.frame == other.frame and math.hypot(one.x - other.x, one.y - other.y) < SAME_PLACE


def _colour(group: list[Target]) -> tuple[float, ...]:
    """Return the colour of what at a place has to be known first, else of what comes next."""
    states = [target.status for target in group]
    urgent = next((state for state in URGENT if state in states), None)
    if urgent is not None:
        return COLOURS[urgent]
    return COLOURS["SUCCEEDED"] if set(states) == {"SUCCEEDED"} else OTHER


def _order(plan: Iterable[Target]) -> Iterable[Any]:
    """Yield dashes from target to target in their order: no path, so they are not a line."""
    reached = [target for target in plan if target.status not in NOT_REACHED]
    for index, (start, end) in enumerate(itertools.pairwise(reached)):
        length = math.hypot(end.x - start.x, end.y - start.y)
        if start.frame != end.frame or length < SAME_PLACE:
            continue
        marker = _marker("order", index, Marker.LINE_LIST, start, ORDER)
        marker.pose.position.x = marker.pose.position.y = marker.pose.position.z = 0.0
        marker.scale.x = 0.02
        for dash in range(int(length / (2 * DASH))):
            for along in (2 * dash * DASH / length, (2 * dash + 1) * DASH / length):
                x = start.x + along * (end.x - start.x)
                y = start.y + along * (end.y - start.y)
                marker.points.append(Point(x=x, y=y, z=start.z + 0.02))
        yield marker


def _marker(name: str, index: int, kind: int, at: Target, colour: tuple[float, ...]) -> Any:
    marker = Marker(ns=name, id=index, type=kind, action=Marker.ADD)
    marker.header.frame_id = at.frame
    red, green, blue = colour
    marker.color = ColorRGBA(r=red, g=green, b=blue, a=1.0)
    marker.pose.position.x, marker.pose.position.y = at.x, at.y
    marker.pose.position.z = at.z
    marker.pose.orientation.w = 1.0
    return marker


def _arrow(
    name: str, index: int, target: Target, colour: tuple[float, ...], alpha: float = 1.0
) -> Any:
    marker = _marker(name, index, Marker.ARROW, target, colour)
    marker.color.a = alpha
    marker.pose.orientation.z = math.sin(target.yaw / 2)
    marker.pose.orientation.w = math.cos(target.yaw / 2)
    marker.scale.x, marker.scale.y, marker.scale.z = ARROW
    return marker


def _label(name: str, index: int, group: list[Target], colour: tuple[float, ...]) -> Any:
    """Return one text for all actions of a place: each with its notes below it."""
    lines = [line for target in group for line in (target.key, *(f"  {n}" for n in target.notes))]
    # A text is centred on its place.
    middle = group[0].y - BEFORE_TARGET - LINE * (len(lines) - 1) / 2
    return _text(name, index, group[0], lines, middle, colour)


def _text(
    name: str, index: int, at: Target, lines: list[str], y: float, colour: tuple[float, ...]
) -> Any:
    marker = _marker(name, index, Marker.TEXT_VIEW_FACING, at, colour)
    marker.pose.position.y = y
    marker.pose.position.z = at.z + ABOVE_TARGET
    marker.scale.x, marker.scale.z = SPACE, TEXT_HEIGHT
    marker.text = anyascii("\n".join(lines))  # RViz's font has no other letters
    return marker
