"""~/markers: targets, the way between them, state by colour, failures and recoveries as text."""

from __future__ import annotations

import itertools
import math
from typing import Any

from geometry_msgs.msg import Point
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from execution_orchestrator.monitoring.live import LiveMonitor
from execution_orchestrator.monitoring.markers import Target, targets

COLOURS = {
    "SUCCEEDED": (0.18, 0.55, 0.34),
    "FAILED": (0.78, 0.22, 0.18),
    "RUNNING": (0.18, 0.44, 0.82),
    "RECOVERING": (0.88, 0.63, 0.0),
    "CANCELLED": (0.79, 0.54, 0.0),
}
OTHER = (0.5, 0.53, 0.57)
ARROW = (0.35, 0.07, 0.07)  # metres: length, width, height
TEXT_HEIGHT = 0.18  # metres
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Markers:
    """Publishes the newest execution; a picture is sent only when it changed."""

    def __init__(self, node: Any, monitor: LiveMonitor) -> None:
        self._node = node
        self._monitor = monitor
        self._publisher = node.create_publisher(MarkerArray, "~/markers", LATCHED)
        self._shown: list[Target] = []

    def look(self) -> None:
        """Publish if somebody looks and something changed since the last look."""
        if not self._publisher.get_subscription_count():
            return
        records = self._monitor.records()
        found = targets(records[0]) if records else []
        if found != self._shown:
            self._shown = found
            self._publisher.publish(self._picture(found))

    def _picture(self, found: list[Target]) -> MarkerArray:
        clear = Marker(action=Marker.DELETEALL)
        clear.header.frame_id = found[0].frame if found else "map"
        markers = [clear]
        for index, target in enumerate(found):
            markers.append(self._arrow(index, target))
            markers.append(self._text(index, target))
        for index, (start, end) in enumerate(itertools.pairwise(found)):
            if start.frame == end.frame:
                markers.append(self._way(index, start, end))
        return MarkerArray(markers=markers)

    def _marker(self, name: str, index: int, kind: int, target: Target) -> Marker:
        marker = Marker(ns=name, id=index, type=kind, action=Marker.ADD)
        marker.header.frame_id = target.frame
        marker.header.stamp = self._node.get_clock().now().to_msg()
        red, green, blue = COLOURS.get(target.status, OTHER)
        marker.color = ColorRGBA(r=red, g=green, b=blue, a=1.0)
        marker.pose.orientation.w = 1.0
        return marker

    def _arrow(self, index: int, target: Target) -> Marker:
        marker = self._marker("targets", index, Marker.ARROW, target)
        position = marker.pose.position
        position.x, position.y, position.z = target.x, target.y, target.z
        marker.pose.orientation.z = math.sin(target.yaw / 2)
        marker.pose.orientation.w = math.cos(target.yaw / 2)
        marker.scale.x, marker.scale.y, marker.scale.z = ARROW
        return marker

    def _text(self, index: int, target: Target) -> Marker:
        marker = self._marker("labels", index, Marker.TEXT_VIEW_FACING, target)
        position = marker.pose.position
        position.x, position.y, position.z = target.x, target.y, target.z + 0.4
        marker.scale.z = TEXT_HEIGHT
        marker.text = target.text
        return marker

    def _way(self, index: int, start: Target, end: Target) -> Marker:
        marker = self._marker("ways", index, Marker.LINE_STRIP, end)
        marker.scale.x = 0.03
        marker.points = [Point(x=t.x, y=t.y, z=t.z + 0.02) for t in (start, end)]
        return marker
