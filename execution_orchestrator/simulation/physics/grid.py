"""Occupancy of the floor: how far the nearest obstacle is from each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.physics.robot_model import HEIGHT
from execution_orchestrator.simulation.world.shapes import Plane
from execution_orchestrator.simulation.world.simulated_world import Solid

MARGIN = 1.0  # metres of map around the outermost obstacle
EMPTY_WORLD = 10.0  # metres, half the side of the map of a world without obstacles
LOWEST = 0.05  # metres; lower things are driven over
MAX_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Grid:
    """Clearance in metres per cell, negative inside of obstacles; row index is y.

    ``origin`` is the world's x, y of the corner of cell (0, 0); ``resolution`` in metres.
    """

    clearance: Array
    origin: tuple[float, float]
    resolution: float

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a place, which may lie outside of the map."""
        column = int(np.floor((x - self.origin[0]) / self.resolution))
        row = int(np.floor((y - self.origin[1]) / self.resolution))
        return row, column

    def place(self, row: int, column: int) -> tuple[float, float]:
        """World x, y of the middle of a cell."""
        return (
            self.origin[0] + (column + 0.5) * self.resolution,
            self.origin[1] + (row + 0.5) * self.resolution,
        )

    def inside(self, row: int, column: int) -> bool:
        """Whether the cell is on the map."""
        rows, columns = self.clearance.shape
        return bool(0 <= row < rows and 0 <= column < columns)

    def clearance_at(self, x: float, y: float) -> float:
        """Clearance between cell centres, interpolated; outside of the map nothing is free."""
        right = (x - self.origin[0]) / self.resolution - 0.5
        up = (y - self.origin[1]) / self.resolution - 0.5
        column, row = int(np.floor(right)), int(np.floor(up))
        if not (self.inside(row, column) and self.inside(row + 1, column + 1)):
            return -1.0
        f, g = right - column, up - row
        c = self.clearance
        low = c[row, column] * (1 - f) + c[row, column + 1] * f
        high = c[row + 1, column] * (1 - f) + c[row + 1, column + 1] * f
        return float(low * (1 - g) + high * g)


def build_grid(solids: list[Solid], resolution: float = 0.05) -> Grid:
    """Map what the base could run into.

    Raises:
        ValueError: the world is too large for the resolution.

    """
    boxes = []
    for solid in solids:
        low, high = solid.bounds()
        if not isinstance(solid.shape, Plane) and high[2] > LOWEST and low[2] < HEIGHT:
            boxes.append((solid, low, high))
    if boxes:
        corner = np.min([low[:2] for _, low, _ in boxes], axis=0) - MARGIN
        far = np.max([high[:2] for _, _, high in boxes], axis=0) + MARGIN
    else:
        corner, far = np.full(2, -EMPTY_WORLD), np.full(2, EMPTY_WORLD)
    columns, rows = (int(np.ceil(side / resolution)) for side in far - corner)
    if rows * columns > MAX_CELLS:
        raise ValueError(f"{rows} x {columns} cells are too many; use a coarser grid resolution")
    xs = corner[0] + (np.arange(columns) + 0.5) * resolution
    ys = corner[1] + (np.arange(rows) + 0.5) * resolution
    flat = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    clearance = np.full(len(flat), EMPTY_WORLD)
    points = np.empty((len(flat), 3))
    points[:, :2] = flat
    for solid, low, high in boxes:
        points[:, 2] = (max(low[2], LOWEST) + min(high[2], HEIGHT)) / 2
        np.minimum(clearance, solid.distances(points), out=clearance)
    return Grid(clearance.reshape(rows, columns), (float(corner[0]), float(corner[1])), resolution)
