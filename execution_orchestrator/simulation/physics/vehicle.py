"""A vehicle that flies, sails or drives: a point with speed limits, a fence, and obstacles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

import numpy as np

from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.world.shapes import Plane
from execution_orchestrator.simulation.world.simulated_world import Solid

SIZE = 0.4  # metres, radius of the vehicle
ACCELERATION = 2.0  # metres per second squared
ARRIVED = 0.05  # metres
ENERGY_PER_SECOND = 1.0 / 1200  # part of the battery while it moves or flies
LOW = 0.15  # charge below which nothing new is begun but landing
CLEARANCE_STEP = 0.2  # metres between the places of a way that are checked


class Kind(Enum):
    """What moves, and how fast it is by itself (metres per second)."""

    AERIAL = "aerial"
    GROUND = "ground"
    SURFACE = "surface"

    @property
    def cruise(self) -> float:
        """Default speed."""
        return {Kind.AERIAL: 3.0, Kind.GROUND: 1.0, Kind.SURFACE: 2.0}[self]


@dataclass
class Vehicle:
    """Position (m) and speed (m/s) in the map, and the way it is on."""

    kind: Kind
    position: Array
    fence: float  # metres around the start it may go
    ceiling: float = 30.0  # metres above the ground
    speed: float = 0.0
    yaw: float = 0.0
    charge: float = 1.0
    travelled: float = 0.0
    home: Array = field(init=False)
    _way: list[Array] = field(default_factory=list)
    _cruise: float = 0.0

    def __post_init__(self) -> None:
        self.home = self.position.copy()

    @property
    def flying(self) -> bool:
        """Whether it is in the air."""
        return self.kind is Kind.AERIAL and bool(self.position[2] > self.home[2] + ARRIVED)

    @property
    def moving(self) -> bool:
        """Whether it is on its way."""
        return bool(self._way)

    def follow(self, points: Sequence[Array], cruise: float = 0.0) -> None:
        """Go through points, at ``cruise`` m/s or at its own speed (0)."""
        self._way = [point.copy() for point in points]
        self._cruise = cruise or self.kind.cruise

    def stop(self) -> None:
        """Stay where it is."""
        self._way = []
        self.speed = 0.0

    def remaining(self) -> float:
        """Metres left of the way."""
        here, left = self.position, 0.0
        for point in self._way:
            left += float(np.linalg.norm(point - here))
            here = point
        return left

    def allowed(self, point: Array) -> bool:
        """Whether a point is inside of the fence."""
        away = math.hypot(point[0] - self.home[0], point[1] - self.home[1])
        return away <= self.fence and bool(-ARRIVED <= point[2] <= self.ceiling)

    def step(self, dt: float) -> None:
        """Advance by ``dt`` seconds."""
        if self._way or self.flying:
            self.charge = max(0.0, self.charge - ENERGY_PER_SECOND * dt)
        if not self._way:
            return
        left = self.remaining()
        braked = math.sqrt(2 * ACCELERATION * left)
        self.speed = min(self.speed + ACCELERATION * dt, self._cruise, max(braked, ARRIVED))
        step = self.speed * dt
        while self._way and step > 0.0:
            way = self._way[0] - self.position
            length = float(np.linalg.norm(way))
            if math.hypot(way[0], way[1]) > ARRIVED:
                self.yaw = math.atan2(way[1], way[0])
            if length > step:
                self.position = self.position + way * (step / length)
                self.travelled += step
                return
            self.position = self._way.pop(0)
            self.travelled += length
            step -= length
        if not self._way:
            self.speed = 0.0


def free_way(solids: Sequence[Solid], points: Sequence[Array]) -> bool:
    """Whether the vehicle fits along straight lines through the points."""
    for start, end in pairwise(points):
        count = max(2, math.ceil(float(np.linalg.norm(end - start)) / CLEARANCE_STEP))
        places = start + np.linspace(0.0, 1.0, count)[:, None] * (end - start)
        for solid in solids:
            if isinstance(solid.shape, Plane):
                continue
            if bool((solid.distances(places) < SIZE).any()):
                return False
    return True


def lanes(corners: Sequence[tuple[float, float]], spacing: float) -> list[tuple[float, float]]:
    """Corners of a boustrophedon over a polygon, lanes along x, ``spacing`` metres apart."""
    ys = [y for _, y in corners]
    count = max(1, math.ceil((max(ys) - min(ys)) / spacing))
    pitch = (max(ys) - min(ys)) / count
    way: list[tuple[float, float]] = []
    for lane in range(count):
        y = min(ys) + (lane + 0.5) * pitch
        cuts = sorted(_cuts(corners, y))
        if len(cuts) >= 2:
            ends = [(cuts[0], y), (cuts[-1], y)]
            way += ends if lane % 2 == 0 else ends[::-1]
    return way


def _cuts(corners: Sequence[tuple[float, float]], y: float) -> list[float]:
    """X of every place at which the line at height y crosses the polygon."""
    found = []
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y0 > y) != (y1 > y):
            found.append(x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return found


def circle(
    center: Array, radius: float, turns: float, start: Array, points_per_turn: int = 36
) -> list[Array]:
    """Points around a centre at the centre's height, from the side on which ``start`` is."""
    first = math.atan2(start[1] - center[1], start[0] - center[0])
    count = max(2, math.ceil(abs(turns) * points_per_turn))
    return [
        center
        + radius
        * np.array(
            [
                math.cos(first + math.tau * turns * k / count),
                math.sin(first + math.tau * turns * k / count),
                0.0,
            ]
        )
        for k in range(count + 1)
    ]
