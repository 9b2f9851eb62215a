"""The map, as its server published it last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from nav_msgs.msg import OccupancyGrid
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message

LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
OCCUPIED = 65  # per cent, as map_server's occupied_thresh


class KnownMap:
    """Occupancy of places in the map. Thread-safe; a message is read on demand."""

    def __init__(self, node: Any, topic: str) -> None:
        self._data = b""
        self._read: tuple[bytes, Any, Any] = (b"", None, None)
        self._subscription = node.create_subscription(
            OccupancyGrid, topic, self._on_message, LATCHED, raw=True
        )

    def _on_message(self, data: bytes) -> None:
        self._data = data

    @property
    def data(self) -> bytes:
        """The newest OccupancyGrid as it came; empty: none has come yet."""
        return self._data

    def wrong_with(self, frame: str, x: float, y: float) -> str:
        """Say what is wrong with a place (metres); empty: nothing, or there is no map of it."""
        data = self._data
        if not data:
            return ""
        if self._read[0] is not data:
            grid = deserialize_message(data, OccupancyGrid)
            cells = np.array(grid.data, dtype=np.int8)
            self._read = (data, grid, cells)
        _, grid, cells = self._read
        info = grid.info
        if frame != grid.header.frame_id.lstrip("/") or not info.resolution:
            return ""
        turn = info.origin.orientation
        yaw = 2.0 * math.atan2(turn.z, turn.w)
        dx, dy = x - info.origin.position.x, y - info.origin.position.y
        column = math.floor((dx * math.cos(yaw) + dy * math.sin(yaw)) / info.resolution)
        row = math.floor((dy * math.cos(yaw) - dx * math.sin(yaw)) / info.resolution)
        if not (0 <= column < info.width and 0 <= row < info.height):
            return "is outside the map"
        index = row * info.width + column
        if index < len(cells) and cells[index] >= OCCUPIED:
            return "is occupied in the map"
        return ""
