"""The world: 12 m x 12 m with a closed room and a pillar; the way anywhere else is straight."""

from __future__ import annotations

import math
from typing import Any

from nav_msgs.msg import OccupancyGrid

HALF = 6.0  # metres from the middle to each edge of the map
ROOM = (3.5, 3.5, 5.8, 5.8)  # x and y of its corners: no door
PILLAR = (2.0, -2.0, 0.4)  # x, y, radius
TOLERANCE = 0.5  # metres from a goal that the planner accepts instead of it
CELL = 0.1  # metres


def inside(x: float, y: float) -> bool:
    """Whether it is on the map."""
    return abs(x) <= HALF and abs(y) <= HALF


def in_room(x: float, y: float) -> bool:
    return ROOM[0] < x < ROOM[2] and ROOM[1] < y < ROOM[3]


def occupied(x: float, y: float) -> bool:
    """Whether something stands there: the pillar, the room's walls, the edge of the map."""
    if math.hypot(x - PILLAR[0], y - PILLAR[1]) < PILLAR[2]:
        return True
    near = ROOM[0] - CELL < x < ROOM[2] + CELL and ROOM[1] - CELL < y < ROOM[3] + CELL
    return (near and not in_room(x, y)) or not inside(x, y)


def path_to(start: tuple[float, float], goal: tuple[float, float]) -> tuple[int, list[Any]]:
    """Return the planner's error code, and points no more than 5 cm from one another."""
    x, y = goal
    if not inside(x, y):
        return 204, []
    if occupied(x, y):
        if math.hypot(x - PILLAR[0], y - PILLAR[1]) >= PILLAR[2]:
            return 206, []
        # The nearest free place within the tolerance is on the side the robot comes from.
        away = math.atan2(start[1] - PILLAR[1], start[0] - PILLAR[0])
        radius = min(PILLAR[2], TOLERANCE)
        x, y = PILLAR[0] + radius * math.cos(away), PILLAR[1] + radius * math.sin(away)
    if in_room(x, y) != in_room(*start):
        return 208, []
    steps = max(1, math.ceil(math.hypot(x - start[0], y - start[1]) / 0.05))
    return 0, [
        (start[0] + (x - start[0]) * n / steps, start[1] + (y - start[1]) * n / steps)
        for n in range(steps + 1)
    ]


def grid(stamp: Any) -> OccupancyGrid:
    """The map as its server publishes it."""
    message = OccupancyGrid()
    message.header.frame_id = "map"
    message.header.stamp = stamp
    cells = round(2 * HALF / CELL)
    message.info.resolution = CELL
    message.info.width = message.info.height = cells
    message.info.origin.position.x = message.info.origin.position.y = -HALF
    message.info.origin.orientation.w = 1.0
    at = [-HALF + (n + 0.5) * CELL for n in range(cells)]
    message.data = [100 if occupied(x, y) else 0 for y in at for x in at]
    return message
