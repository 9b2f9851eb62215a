"""Collision-free arm motions in joint space, timed within speed and acceleration limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.physics.arm import (
    arm_points,
    distance,
    reach,
    within_limits,
)
from execution_orchestrator.simulation.physics.robot_model import (
    ARM_THICKNESS,
    HOME,
    JOINT_ACCELERATION,
    JOINT_LIMITS,
    JOINT_SPEED,
    SHOULDER,
)
from execution_orchestrator.simulation.world.simulated_world import Solid

CHECK_STEP = 0.08  # radians between checked positions
LINK_STEP = 0.05  # metres between checked points of a link
FINGERS = 0.04  # metres of the tool's end that may touch what they grip
TREE_STEP = 0.4  # radians
GOAL_BIAS = 0.3


class ArmScene:
    """What the arm could run into, around a base that stands at ``base``."""

    def __init__(self, solids: Sequence[Solid], base: Array) -> None:
        self._base = base
        shoulder = (base @ np.array([*SHOULDER, 1.0]))[None, :3]
        radius = reach() + ARM_THICKNESS
        self._near = [solid for solid in solids if solid.distances(shoulder)[0] < radius]

    def collides(self, positions: Sequence[Sequence[float]]) -> bool:
        """Whether the arm touches something in any of the joint positions."""
        if not self._near or not positions:
            return False
        points = np.concatenate([_samples(joints) for joints in positions])
        placed = points @ self._base[:3, :3].T + self._base[:3, 3]
        return any(bool((s.distances(placed) < ARM_THICKNESS).any()) for s in self._near)


def _samples(joints: Sequence[float]) -> Array:
    shoulder, elbow, wrist, tip = arm_points(joints)
    tip = tip + (wrist - tip) * (FINGERS / float(np.linalg.norm(tip - wrist)))
    parts = []
    for start, end in ((shoulder, elbow), (elbow, wrist), (wrist, tip)):
        count = max(2, math.ceil(float(np.linalg.norm(end - start)) / LINK_STEP))
        parts.append(start + np.linspace(0.0, 1.0, count + 1)[1:, None] * (end - start))
    return np.concatenate(parts)


def plan_arm(
    scene: ArmScene,
    start: Sequence[float],
    goals: Sequence[Sequence[float]],
    *,
    seed: int = 0,
    effort: int = 400,
) -> list[tuple[float, ...]] | None:
    """Corners of a motion to the nearest goal that can be reached, None if none was found.

    ``effort`` bounds the random search for a way around, in branches of the tree.
    """
    free = [goal for goal in goals if within_limits(goal) and not scene.collides([goal])]
    for goal in sorted(free, key=lambda candidate: distance(start, candidate)):
        if _clear(scene, start, goal):
            return [tuple(start), tuple(goal)]
        if _clear(scene, start, HOME) and _clear(scene, HOME, goal):
            return [tuple(start), HOME, tuple(goal)]
    rng = np.random.default_rng(seed)
    for goal in sorted(free, key=lambda candidate: distance(start, candidate)):
        found = _grow(scene, tuple(start), tuple(goal), rng, effort)
        if found is not None:
            return _cut(scene, found)
    return None


def _between(start: Sequence[float], end: Sequence[float], step: float) -> list[tuple[float, ...]]:
    count = max(1, math.ceil(distance(start, end) / step))
    return [
        tuple(a + (b - a) * k / count for a, b in zip(start, end, strict=True))
        for k in range(1, count + 1)
    ]


def _clear(scene: ArmScene, start: Sequence[float], end: Sequence[float]) -> bool:
    return not scene.collides(_between(start, end, CHECK_STEP))


def _grow(
    scene: ArmScene,
    start: tuple[float, ...],
    goal: tuple[float, ...],
    rng: np.random.Generator,
    effort: int,
) -> list[tuple[float, ...]] | None:
    """Grow a tree of short free moves from the start until the goal is in sight."""
    nodes, parents = [start], [-1]
    low, high = (np.array(side) for side in zip(*JOINT_LIMITS, strict=True))
    for _ in range(effort):
        wanted = np.array(goal) if rng.random() < GOAL_BIAS else rng.uniform(low, high)
        nearest = int(np.argmin(np.abs(np.array(nodes) - wanted).max(axis=1)))
        way = wanted - np.array(nodes[nearest])
        size = float(np.abs(way).max())
        if size < 1e-9:
            continue
        new = tuple(float(v) for v in np.array(nodes[nearest]) + way * min(1.0, TREE_STEP / size))
        if not _clear(scene, nodes[nearest], new):
            continue
        nodes.append(new)
        parents.append(nearest)
        if _clear(scene, new, goal):
            path, at = [goal], len(nodes) - 1
            while at >= 0:
                path.append(nodes[at])
                at = parents[at]
            return path[::-1]
    return None


def _cut(scene: ArmScene, corners: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    kept, at = [corners[0]], 0
    while at < len(corners) - 1:
        ahead = len(corners) - 1
        while ahead > at + 1 and not _clear(scene, corners[at], corners[ahead]):
            ahead -= 1
        kept.append(corners[ahead])
        at = ahead
    return kept


def timed(
    corners: Sequence[Sequence[float]],
    speed_scale: float = 1.0,
    acceleration_scale: float = 1.0,
    step: float = 0.05,
) -> list[tuple[float, tuple[float, ...]]]:
    """Seconds and joint positions of a motion that stops at every corner."""
    speed = JOINT_SPEED * speed_scale
    acceleration = JOINT_ACCELERATION * acceleration_scale
    points = [(0.0, tuple(corners[0]))]
    for start, end in pairwise(corners):
        way = distance(start, end)
        if way < 1e-9:
            continue
        peak = min(speed, math.sqrt(way * acceleration))
        ramp = peak / acceleration
        duration = way / peak + ramp
        begun = points[-1][0]
        count = math.ceil(duration / step)
        for k in range(1, count + 1):
            now = duration * k / count  # equal parts: a short last one could round to nothing
            done = _trapezoid(now, duration, ramp, acceleration, way) / way
            place = tuple(a + (b - a) * done for a, b in zip(start, end, strict=True))
            points.append((begun + now, place))
    return points


def _trapezoid(now: float, duration: float, ramp: float, acceleration: float, way: float) -> float:
    if now < ramp:
        return acceleration * now * now / 2
    if now > duration - ramp:
        left = duration - now
        return way - acceleration * left * left / 2
    return acceleration * ramp * (now - ramp / 2)
