"""Whether closing jaws hold an object, and where an object comes to rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from execution_orchestrator.simulation.geometry import Array, inverse
from execution_orchestrator.simulation.physics.robot_model import JAW_DEPTH, JAW_WIDTH
from execution_orchestrator.simulation.world.shapes import Box, Cylinder, Sphere
from execution_orchestrator.simulation.world.simulated_world import Model, Solid

EDGE = 1e-3  # metres a support may be above the underside, because poses are rounded


def between_jaws(
    tool: Array, opening: float, objects: Mapping[str, tuple[Model, Array]]
) -> tuple[str, float] | None:
    """Name and width in metres, across the jaws, of the object they would close on.

    ``tool`` is gripper_link in the world: x out of the gripper, y the way of the jaws.
    """
    best: tuple[float, str, float] | None = None
    back = inverse(tool)
    for name, (model, pose) in objects.items():
        middle = (back @ model.center(pose))[:3, 3]
        width = width_along(model, pose, tool[:3, 1])
        aside = abs(float(middle[1])) + width / 2
        fits = abs(middle[0]) <= JAW_DEPTH and abs(middle[2]) <= JAW_WIDTH and aside <= opening / 2
        away = float(np.linalg.norm(middle))
        if fits and (best is None or away < best[0]):
            best = (away, name, width)
    return None if best is None else (best[1], best[2])


def width_along(model: Model, pose: Array, axis: Array) -> float:
    """Size in metres of a model along a direction of the world."""
    lows, highs = [], []
    for solid in model.placed(pose):
        own = solid.pose[:3, :3].T @ axis
        shape = solid.shape
        if isinstance(shape, Cylinder):
            half = shape.radius * float(np.hypot(own[0], own[1])) + abs(own[2]) * shape.length / 2
        elif isinstance(shape, Sphere):
            half = shape.radius
        elif isinstance(shape, Box):
            half = float(np.abs(own) @ np.array(shape.half_extents))
        else:
            continue
        at = float(axis @ solid.pose[:3, 3])
        lows.append(at - half)
        highs.append(at + half)
    return float(max(highs) - min(lows)) if lows else 0.0


def settled(model: Model, pose: Array, supports: Sequence[Solid]) -> Array:
    """Pose after falling straight down onto the highest thing below its middle."""
    lows = [solid.bounds()[0][2] for solid in model.placed(pose)]
    if not lows:
        return pose
    bottom = float(min(lows))
    middle = model.center(pose)[:3, 3]
    down = np.array([[0.0, 0.0, -1.0]])
    tops = [0.0]
    for solid in supports:
        reach = float(solid.hits(middle, down)[0])
        if np.isfinite(reach) and middle[2] - reach <= bottom + EDGE * 50:
            tops.append(float(middle[2]) - reach)
    result = pose.copy()
    result[2, 3] += max(tops) - bottom
    return result
