"""The services of Nav2's two costmaps: clear them, and look at them.

The costs are Nav2's (nav2_costmap_2d): 254 inside of an obstacle, 253 where the robot's centre
would make it touch one, then falling with the distance as its inflation layer does. Both costmaps
are in the map frame; the local one is a window around the robot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from nav2_msgs.msg import Costmap
from nav2_msgs.srv import (
    ClearCostmapAroundPose,
    ClearCostmapAroundRobot,
    ClearCostmapExceptRegion,
    ClearEntireCostmap,
    GetCostmap,
)

from execution_orchestrator.simulation.geometry import Array, transform
from execution_orchestrator.simulation.physics.grid import Grid
from execution_orchestrator.simulation.physics.robot_model import RADIUS
from execution_orchestrator.simulation.work.body import Body
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.messages import MAP, pose_message

LETHAL, INSCRIBED = 254, 253
COST_SCALING = 3.0  # per metre, the default of Nav2's inflation layer
INFLATION = 0.55  # metres from an obstacle, likewise
WINDOW = 3.0  # metres, side of the local costmap
Circle = tuple[float, float, float]


class Costmaps:
    """Offers both costmaps' services; ``blockages`` are circles (x, y, radius) in metres."""

    def __init__(
        self,
        host: Host,
        robot: Body,
        grid: Grid,
        blockages: Callable[[], Sequence[Circle]],
        clear: Callable[[], None],
    ) -> None:
        self._host = host
        self._robot = robot
        self._grid = grid
        self._blockages = blockages
        self._clear = clear
        for name in ("global", "local"):
            place = f"{name}_costmap"
            for kind, service in (
                (ClearEntireCostmap, f"clear_entirely_{place}"),
                (ClearCostmapAroundRobot, f"clear_around_{place}"),
                (ClearCostmapAroundPose, f"clear_around_pose_{place}"),
                (ClearCostmapExceptRegion, f"clear_except_{place}"),
            ):
                host.offer(kind, f"{place}/{service}", self._cleared)
        for name, look in (("global", self._global), ("local", self._local)):
            host.offer(GetCostmap, f"{name}_costmap/get_costmap", look)

    def _cleared(self, _request: Any, response: Any) -> Any:
        self._clear()
        return response

    def _global(self, _request: Any, response: Any) -> Any:
        rows, columns = self._grid.clearance.shape
        response.map = self._message(0, 0, rows, columns)
        return response

    def _local(self, _request: Any, response: Any) -> Any:
        pose = self._robot.pose
        x, y = (0.0, 0.0) if pose is None else (float(pose[0, 3]), float(pose[1, 3]))
        row, column = self._grid.cell(x - WINDOW / 2, y - WINDOW / 2)
        rows, columns = self._grid.clearance.shape
        side = round(WINDOW / self._grid.resolution)
        low_row, low_column = max(row, 0), max(column, 0)
        high_row, high_column = min(row + side, rows), min(column + side, columns)
        response.map = self._message(low_row, low_column, high_row, high_column)
        return response

    def _message(self, row: int, column: int, end_row: int, end_column: int) -> Costmap:
        grid = self._grid
        window = costs(grid, self._blockages())[row:end_row, column:end_column]
        message = Costmap()
        message.header.frame_id = MAP
        message.header.stamp = self._host.stamp()
        about = message.metadata
        about.update_time = message.header.stamp
        about.layer = "master"
        about.resolution = grid.resolution
        about.size_y, about.size_x = window.shape
        x, y = grid.place(row, column)
        half = grid.resolution / 2
        about.origin = pose_message(transform((x - half, y - half, 0.0)))
        message.data = window.astype(np.uint8).reshape(-1).tolist()
        return message


def costs(grid: Grid, blockages: Sequence[Circle]) -> Array:
    """Cost of each cell, 0 to 254, row by row."""
    clearance = grid.clearance
    if blockages:
        rows, columns = clearance.shape
        ys = grid.origin[1] + (np.arange(rows) + 0.5) * grid.resolution
        xs = grid.origin[0] + (np.arange(columns) + 0.5) * grid.resolution
        for x, y, radius in blockages:
            far = np.hypot(xs[np.newaxis, :] - x, ys[:, np.newaxis] - y) - radius
            clearance = np.minimum(clearance, far)
    falling = np.floor((INSCRIBED - 1) * np.exp(-COST_SCALING * (clearance - RADIUS)))
    made: Array = np.where(clearance > INFLATION, 0.0, falling)
    made = np.where(clearance <= RADIUS, INSCRIBED, made)
    return np.where(clearance <= 0.0, LETHAL, made)
