"""One robot: base, arm, gripper, camera head and battery, advanced together."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from execution_orchestrator.simulation.geometry import Array, planar, wrapped
from execution_orchestrator.simulation.physics.arm import forward
from execution_orchestrator.simulation.physics.base import Base, Motion
from execution_orchestrator.simulation.physics.camera import camera_link
from execution_orchestrator.simulation.physics.robot_model import (
    CAMERA_PAN_LIMITS,
    CAMERA_PAN_SPEED,
    GRIPPER_OPENING,
    GRIPPER_SPEED,
    HOME,
)

CAPACITY = 100.0 * 3600  # joules
IDLE_POWER = 20.0  # watts
DRIVE_POWER = 60.0  # watts at 1 m/s
ARM_POWER = 40.0  # watts while it moves
CHARGE_POWER = 400.0  # watts
CONTACT = 1e-4  # metres
STILL = 1e-9  # metres and radians that are no way any more
DOCKED = 0.12  # metres and radians from the dock's pose that still charge
TimedJoints = tuple[float, tuple[float, ...]]


@dataclass
class Gripper:
    """Jaws ``opening`` metres apart on the way to ``target``; ``held`` names what stops them."""

    opening: float = GRIPPER_OPENING / 2
    target: float = GRIPPER_OPENING / 2
    effort: float = 0.0
    held: str = ""
    held_width: float = 0.0
    grasp: Array = field(default_factory=lambda: np.eye(4))

    def let_go(self) -> None:
        """Hold nothing any more."""
        self.held, self.held_width = "", 0.0

    @property
    def stalled(self) -> bool:
        """Whether an object keeps the jaws from their target."""
        touching = self.opening <= self.held_width + CONTACT
        return bool(self.held) and touching and self.target < self.held_width


@dataclass
class Robot:
    """State of a robot called ``name`` (its namespace)."""

    name: str
    base: Base
    rng: np.random.Generator
    odometry_noise: float = 0.0
    joints: tuple[float, ...] = HOME
    gripper: Gripper = field(default_factory=Gripper)
    pan: float = 0.0
    pan_target: float = 0.0
    energy: float = CAPACITY
    drain: float = 1.0  # how many times faster than usual the battery empties
    charging: bool = False
    odometry: tuple[float, float, float] = (0.0, 0.0, 0.0)
    arm_moving: bool = False
    _trajectory: list[TimedJoints] = field(default_factory=list)
    _trajectory_time: float = 0.0

    @property
    def pose(self) -> Array:
        """base_link in the world."""
        return planar(self.base.x, self.base.y, self.base.yaw)

    @property
    def tool(self) -> Array:
        """gripper_link in the world."""
        return self.pose @ forward(self.joints)

    @property
    def camera(self) -> Array:
        """camera_link in the world."""
        return self.pose @ camera_link(self.pan)

    @property
    def charge(self) -> float:
        """Charge of the battery, 0 to 1."""
        return self.energy / CAPACITY

    def reset(self, base: Base) -> None:
        """Stand at another place as at the start: arm home, jaws empty, battery full."""
        self.base, self.gripper = base, Gripper()
        self.joints, self.odometry = HOME, (0.0, 0.0, 0.0)
        self.pan = self.pan_target = 0.0
        self.energy, self.arm_moving = CAPACITY, False
        self._trajectory = []

    @property
    def at_rest(self) -> bool:
        """Whether neither base nor arm, head or jaws move, or are about to."""
        base, gripper = self.base, self.gripper
        stop = max(gripper.target, gripper.held_width) if gripper.held else gripper.target
        low, high = CAMERA_PAN_LIMITS
        return (
            base.motion is not Motion.MOVING
            and not (base.speed or base.turn or self.arm_moving)
            and abs(self.pan - max(low, min(high, self.pan_target))) < STILL
            and abs(gripper.opening - stop) < STILL
        )

    def follow_trajectory(self, points: Sequence[TimedJoints]) -> None:
        """Move the arm through joint positions at times in seconds; no points: hold still."""
        self._trajectory = [(0.0, self.joints), *(p for p in points if p[0] > 0.0)]
        self._trajectory_time = 0.0
        self.arm_moving = len(self._trajectory) > 1

    def step(self, dt: float, base_step: float) -> None:
        """Advance arm, head and battery by ``dt`` seconds; the base has moved already."""
        if self.arm_moving:
            self._trajectory_time += dt
            self.joints = _sample(self._trajectory, self._trajectory_time)
            self.arm_moving = self._trajectory_time < self._trajectory[-1][0]
        low, high = CAMERA_PAN_LIMITS
        way = max(low, min(high, self.pan_target)) - self.pan
        self.pan += max(-CAMERA_PAN_SPEED * dt, min(CAMERA_PAN_SPEED * dt, way))
        self._count_odometry(dt, base_step)
        self._use_power(dt)

    def move_jaws(self, dt: float) -> None:
        """Move the jaws towards their target; a held object stops them."""
        gripper = self.gripper
        stop = max(gripper.target, gripper.held_width) if gripper.held else gripper.target
        way = stop - gripper.opening
        gripper.opening += max(-GRIPPER_SPEED * dt, min(GRIPPER_SPEED * dt, way))

    def _count_odometry(self, dt: float, step: float) -> None:
        x, y, yaw = self.odometry
        slip, drift = 1.0, 0.0
        if self.odometry_noise and (step or self.base.turn):
            slip += self.odometry_noise * float(self.rng.normal())
            drift = self.odometry_noise * step * float(self.rng.normal())
        yaw = wrapped(yaw + self.base.turn * dt + drift)
        self.odometry = (
            x + math.cos(yaw) * step * slip,
            y + math.sin(yaw) * step * slip,
            yaw,
        )

    def _use_power(self, dt: float) -> None:
        power = IDLE_POWER + DRIVE_POWER * abs(self.base.speed)
        power += ARM_POWER if self.arm_moving else 0.0
        power *= self.drain
        power -= CHARGE_POWER if self.charging else 0.0
        self.energy = max(0.0, min(CAPACITY, self.energy - power * dt))


def _sample(points: list[TimedJoints], now: float) -> tuple[float, ...]:
    after = bisect_right(points, now, key=lambda point: point[0])
    if after >= len(points):
        return points[-1][1]
    (begin, start), (end, goal) = points[after - 1], points[after]
    part = (now - begin) / (end - begin)
    return tuple(a + (b - a) * part for a, b in zip(start, goal, strict=True))
