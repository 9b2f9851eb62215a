"""A world as the simulation uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from execution_orchestrator.simulation.geometry import Array, inverse, transform
from execution_orchestrator.simulation.world.shapes import Plane, Shape


@dataclass(frozen=True, eq=False)
class Solid:
    """A shape at a pose; ``color`` is red, green, blue from 0 to 1."""

    shape: Shape
    pose: Array
    color: tuple[float, float, float]

    def distances(self, points: Array) -> Array:
        """Signed distance in metres of each point (n, 3) of the frame the pose is in."""
        back = inverse(self.pose)
        return self.shape.distances(points @ back[:3, :3].T + back[:3, 3])

    def hits(self, origin: Array, directions: Array) -> Array:
        """Distance along each ray to the first hit, inf for none."""
        back = inverse(self.pose)
        return self.shape.hits(back[:3, :3] @ origin + back[:3, 3], directions @ back[:3, :3].T)

    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner of its axis-aligned box."""
        if isinstance(self.shape, Plane):
            return np.array([-np.inf, -np.inf, -np.inf]), np.array([np.inf, np.inf, 0.0])
        half = np.abs(self.pose[:3, :3]) @ np.array(self.shape.half_extents)
        return self.pose[:3, 3] - half, self.pose[:3, 3] + half

    def moved(self, by: Array) -> Solid:
        """Return the same shape, its pose seen from one frame further out."""
        return Solid(self.shape, by @ self.pose, self.color)


@dataclass(frozen=True, eq=False)
class Model:
    """A model of the world; ``solids`` are in the model's frame, ``pose`` is in the world's."""

    name: str
    pose: Array
    static: bool
    solids: tuple[Solid, ...]

    @property
    def class_id(self) -> str:
        """What it is: the last word of its name, without a number (``red_cup_2`` is a cup)."""
        words = [word for word in self.name.split("_") if not word.isdigit()]
        return words[-1] if words else self.name

    @property
    def size(self) -> tuple[float, float, float]:
        """Size of the box around it along its own axes, metres."""
        low, high = self.local_bounds()
        x, y, z = (float(side) for side in high - low)
        return x, y, z

    def local_bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner in the model's own frame."""
        boxes = [solid.bounds() for solid in self.solids]
        if not boxes:
            return np.zeros(3), np.zeros(3)
        return np.min([low for low, _ in boxes], axis=0), np.max(
            [high for _, high in boxes], axis=0
        )

    def center(self, pose: Array) -> Array:
        """Pose of the middle of its box when the model is at ``pose``."""
        low, high = self.local_bounds()
        middle: Array = pose @ transform([float(value) for value in (low + high) / 2])
        return middle

    def placed(self, pose: Array | None = None) -> list[Solid]:
        """Its solids in the world, at ``pose`` instead of its own if given."""
        return [solid.moved(self.pose if pose is None else pose) for solid in self.solids]


@dataclass(frozen=True, eq=False)
class World:
    """Models by name and named frames (``robot_start``, ``dock`` ...), poses in the world frame."""

    name: str
    models: Mapping[str, Model]
    frames: Mapping[str, Array] = field(default_factory=dict)

    def static_solids(self) -> list[Solid]:
        """Everything that never moves."""
        return [s for model in self.models.values() if model.static for s in model.placed()]

    def objects(self) -> dict[str, Model]:
        """Models that can be moved."""
        return {name: model for name, model in self.models.items() if not model.static}
