"""The map, as its server published it last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from nav_msgs.msg import OccupancyGrid
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message

from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.runtime.rehearsing import OccupancyMap

LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
OCCUPIED = 65  # per cent, as map_server's occupied_thresh
_OUTSIDE = "is outside the map"


class KnownMap:
    """Occupancy of places in the map. Thread-safe; a message is read on demand."""

    def __init__(self, listener: Listener, topic: str) -> None:
        self._data = b""
        self._read: tuple[bytes, Any, Any] = (b"", None, None)
        self._subscription = listener.create_subscription(
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
        grid, cells = self._newest()
        if grid is None:
            return ""
        info = grid.info
        if frame != grid.header.frame_id.lstrip("/") or not info.resolution:
            return ""
        yaw = _yaw(info)
        dx, dy = x - info.origin.position.x, y - info.origin.position.y
        column = math.floor((dx * math.cos(yaw) + dy * math.sin(yaw)) / info.resolution)
        row = math.floor((dy * math.cos(yaw) - dx * math.sin(yaw)) / info.resolution)
        if not (0 <= column < info.width and 0 <= row < info.height):
            return _OUTSIDE
        index = row * info.width + column
        if index < len(cells) and cells[index] >= OCCUPIED:
            return "is occupied in the map"
        return ""

    def outside(self, frame: str, x: float, y: float) -> str:
        """Say that a place (metres) is not in the map; empty: it is, or there is no map of it."""
        wrong = self.wrong_with(frame, x, y)
        return wrong if wrong == _OUTSIDE else ""

    def occupancy(self) -> OccupancyMap | None:
        """Return the newest map, None if none has come yet."""
        grid, cells = self._newest()
        if grid is None:
            return None
        info = grid.info
        return OccupancyMap(
            frame=grid.header.frame_id.lstrip("/"),
            origin=(info.origin.position.x, info.origin.position.y, _yaw(info)),
            resolution=info.resolution,
            width=info.width,
            height=info.height,
            cells=cells.tobytes(),
        )

    def _newest(self) -> tuple[Any, Any]:
        """Return the newest message and its cells, both None if none has come yet."""
        data = self._data
        if data and self._read[0] is not data:
            grid = deserialize_message(data, OccupancyGrid)
            self._read = (data, grid, np.array(grid.data, dtype=np.int8))
        return self._read[1:]


def _yaw(info: Any) -> float:
    turn = info.origin.orientation
    return 2.0 * math.atan2(turn.z, turn.w)
