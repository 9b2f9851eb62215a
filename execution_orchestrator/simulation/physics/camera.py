"""What the camera sees: field of view, range, occlusion by casting rays, and the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from execution_orchestrator.simulation.geometry import Array, inverse, rotation, transform
from execution_orchestrator.simulation.physics.robot_model import (
    CAMERA_PITCH,
    CAMERA_POSITION,
    CameraModel,
)
from execution_orchestrator.simulation.world.shapes import Plane
from execution_orchestrator.simulation.world.simulated_world import Model, Solid

OPTICAL = np.eye(4)  # camera_link (x forward) to the optical frame (z forward, REP 103)
OPTICAL[:3, :3] = [[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]
SKY = (0.55, 0.7, 0.9)
LIGHT = np.array([0.4, -0.3, 0.9]) / np.linalg.norm([0.4, -0.3, 0.9])
SAMPLES = 5  # points per axis of an object's box at which its visibility is probed
SURFACE = 0.01  # metres an object's own surface may be in front of a probed point
TILE = 4096  # rays cast at once, which bounds the memory


@dataclass(frozen=True, eq=False)
class Sighting:
    """An object in view; ``visible`` is the part of it that nothing hides, 0 to 1."""

    name: str
    model: Model
    pose: Array
    distance: float
    visible: float


def camera_link(pan: float) -> Array:
    """Pose of camera_link (x forward) in base_link when the head is turned by ``pan``."""
    turned = transform(CAMERA_POSITION, (0.0, 0.0, pan))
    pitched = np.eye(4)
    pitched[:3, :3] = rotation(0.0, CAMERA_PITCH, 0.0)
    return turned @ pitched


def look(
    camera: CameraModel,
    pose: Array,
    solids: Sequence[Solid],
    objects: Mapping[str, tuple[Model, Array]],
) -> list[Sighting]:
    """Objects in view, nearest first.

    ``pose`` is camera_link's in the world, ``solids`` is what never moves, ``objects`` maps names
    to models and the poses they have now.
    """
    back = inverse(pose @ OPTICAL)
    found = []
    for name, (model, where) in objects.items():
        points = _probes(model) @ where[:3, :3].T + where[:3, 3]
        seen = points[in_view(camera, points @ back[:3, :3].T + back[:3, 3])]
        if not len(seen):
            continue
        hiding = list(solids)
        for other, (hider, place) in objects.items():
            if other != name:
                hiding += hider.placed(place)
        ways = seen - pose[:3, 3]
        lengths = np.linalg.norm(ways, axis=1)
        first = first_hits(hiding, pose[:3, 3], ways / lengths[:, None])[0]
        visible = float((first > lengths - SURFACE).sum()) / len(points)
        if visible > 0.0:
            middle = model.center(where)
            away = float(np.linalg.norm(middle[:3, 3] - pose[:3, 3]))
            found.append(Sighting(name, model, middle, away, visible))
    return sorted(found, key=lambda sighting: sighting.distance)


def in_view(camera: CameraModel, points: Array) -> NDArray[np.bool_]:
    """Which points, given in the optical frame (z forward), the picture shows."""
    depth = np.maximum(points[:, 2], 1e-9)
    right, down = (np.abs(points[:, axis]) / depth * camera.focal for axis in (0, 1))
    result: NDArray[np.bool_] = (
        (points[:, 2] > camera.near)
        & (points[:, 2] < camera.far)
        & (right <= camera.width / 2)
        & (down <= camera.height / 2)
    )
    return result


def first_hits(
    solids: Sequence[Solid], origin: Array, directions: Array
) -> tuple[Array, NDArray[np.intp]]:
    """Distance to the first solid along each ray, and its index (-1 for none)."""
    nearest = np.full(len(directions), np.inf)
    which = np.full(len(directions), -1)
    near = _near_rays(solids, origin, directions)
    for index, solid in enumerate(solids):
        rays = np.flatnonzero(near[index])
        if not len(rays):
            continue
        reach = solid.hits(origin, directions[rays])
        closer = reach < nearest[rays]
        nearest[rays[closer]] = reach[closer]
        which[rays[closer]] = index
    return nearest, which


def _near_rays(solids: Sequence[Solid], origin: Array, directions: Array) -> NDArray[np.bool_]:
    """Which rays go through the sphere around each solid, as an array (solids, rays).

    Most of a world is beside or behind the camera, and to cast rays at it takes most of the time.
    """
    ways = np.array([solid.pose[:3, 3] for solid in solids]).reshape(-1, 3) - origin
    away = np.maximum(np.linalg.norm(ways, axis=1), 1e-9)
    wide = np.array([_radius(solid) for solid in solids]) / away
    least = np.where(wide < 1.0, np.sqrt(1.0 - np.minimum(wide, 1.0) ** 2), -2.0) - 1e-9
    result: NDArray[np.bool_] = (ways / away[:, None]) @ directions.T >= least[:, None]
    return result


def _radius(solid: Solid) -> float:
    return math.inf if isinstance(solid.shape, Plane) else math.hypot(*solid.shape.half_extents)


def render(camera: CameraModel, pose: Array, solids: Sequence[Solid]) -> NDArray[np.uint8]:
    """Picture (height, width, 3), RGB, of what a camera at ``pose`` (x forward) sees."""
    columns = (np.arange(camera.width) + 0.5 - camera.width / 2) / camera.focal
    rows = (np.arange(camera.height) + 0.5 - camera.height / 2) / camera.focal
    right, down = np.meshgrid(columns, rows)
    rays = np.stack([right, down, np.ones_like(right)], axis=-1).reshape(-1, 3)
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    rays = rays @ (pose @ OPTICAL)[:3, :3].T
    picture = np.empty((len(rays), 3))
    colors = np.array([*(solid.color for solid in solids), SKY])
    for start in range(0, len(rays), TILE):
        part = rays[start : start + TILE]
        reach, which = first_hits(solids, pose[:3, 3], part)
        shade = np.ones(len(part))
        for index in np.unique(which[which >= 0]):
            mine = which == index
            points = pose[:3, 3] + part[mine] * reach[mine, None]
            shade[mine] = 0.55 + 0.45 * np.maximum(_normals(solids[index], points) @ LIGHT, 0.0)
        picture[start : start + TILE] = colors[which] * shade[:, None]
    return (picture * 255).astype(np.uint8).reshape(camera.height, camera.width, 3)


def _normals(solid: Solid, points: Array) -> Array:
    """Take normals from differences of the distance, which every shape has."""
    step = 1e-4
    at = solid.distances(points)
    slopes = [(solid.distances(points + step * axis) - at) / step for axis in np.eye(3)]
    result: Array = np.stack(slopes, axis=1)
    return result


def _probes(model: Model) -> Array:
    """Points of an object at which its visibility is judged, in its own frame."""
    low, high = model.local_bounds()
    axes = [np.linspace(a, b, SAMPLES) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)
    depth = np.min([solid.distances(grid) for solid in model.solids], axis=0)
    inside: Array = grid[depth < 1e-6]
    return inside if len(inside) else (low + high)[None, :] / 2
