"""A differential base: velocity and acceleration limits, path following, collisions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from execution_orchestrator.simulation.geometry import wrapped
from execution_orchestrator.simulation.physics.robot_model import (
    ACCELERATION,
    RADIUS,
    TURN_ACCELERATION,
    TURN_SPEED,
    WHEEL_SPEED,
)

LOOKAHEAD = 0.25  # metres
TURN_FIRST = 0.5  # radians of heading error beyond which the base turns on the spot
ARRIVED = 0.015  # metres
ALIGNED = 0.01  # radians
TOUCHING = 0.02  # metres of the radius that may touch: grid interpolation, not a dent
COMMAND_AGE = 0.5  # seconds a velocity command is valid, as in Nav2's collision monitor

Clearance = Callable[[float, float], float]


class Motion(Enum):
    """What the base is doing."""

    IDLE = 0
    MOVING = 1
    BLOCKED = 2


@dataclass
class Base:
    """Pose in the world (m, rad), velocity (m/s, rad/s), and what it is to do."""

    x: float
    y: float
    yaw: float
    speed: float = 0.0
    turn: float = 0.0
    motion: Motion = Motion.IDLE
    travelled: float = 0.0
    _path: list[tuple[float, float]] = field(default_factory=list)
    _at: int = 0
    _final_yaw: float | None = None
    _max_speed: float = WHEEL_SPEED
    _straight: float | None = None
    _turning: float | None = None
    _command: tuple[float, float] = (0.0, 0.0)
    _command_left: float = 0.0

    def follow(
        self, path: Sequence[tuple[float, float]], final_yaw: float | None, max_speed: float = 0.0
    ) -> None:
        """Follow a path, then turn to the final heading; ``max_speed`` 0 for the base's own."""
        self._reset()
        self._path, self._at, self._final_yaw = list(path), 0, final_yaw
        self._max_speed = min(max_speed or WHEEL_SPEED, WHEEL_SPEED)
        self.motion = Motion.MOVING

    def drive_straight(self, distance: float, max_speed: float = 0.0) -> None:
        """Drive straight ahead, or back if the distance in metres is negative."""
        self._reset()
        self._straight = distance
        self._max_speed = min(max_speed or WHEEL_SPEED, WHEEL_SPEED)
        self.motion = Motion.MOVING

    def rotate(self, angle: float) -> None:
        """Turn on the spot by an angle in radians, also by more than a full turn."""
        self._reset()
        self._turning = angle
        self.motion = Motion.MOVING

    def command(self, speed: float, turn: float) -> None:
        """Take a velocity command; it ends whatever else the base was doing."""
        self._reset()
        self._command, self._command_left = (speed, turn), COMMAND_AGE
        self.motion = Motion.MOVING if speed or turn else Motion.IDLE

    def stop(self) -> None:
        """Brake."""
        self._reset()
        self.motion = Motion.IDLE

    def remaining(self) -> float:
        """Metres (or radians, when it only turns) that are left."""
        if self._turning is not None:
            return abs(self._turning)
        if self._straight is not None:
            return abs(self._straight)
        if self._at >= len(self._path):
            return 0.0
        left = math.dist((self.x, self.y), self._path[self._at])
        return left + sum(
            math.dist(a, b)
            for a, b in zip(self._path[self._at :], self._path[self._at + 1 :], strict=False)
        )

    def step(self, dt: float, clearance: Clearance) -> None:
        """Advance by ``dt`` seconds; ``clearance`` tells the room around a place in metres."""
        wanted, turn = self._wanted(dt) if self.motion is Motion.MOVING else (0.0, 0.0)
        self.speed = _approach(self.speed, _bounded(wanted, WHEEL_SPEED), ACCELERATION * dt)
        self.turn = _approach(self.turn, _bounded(turn, TURN_SPEED), TURN_ACCELERATION * dt)
        self.yaw = wrapped(self.yaw + self.turn * dt)
        if self._turning is not None:
            self._turning -= self.turn * dt
        step = self.speed * dt
        x, y = self.x + math.cos(self.yaw) * step, self.y + math.sin(self.yaw) * step
        # Driving away from something it already touches stays possible.
        if (
            step
            and (room := clearance(x, y)) < RADIUS - TOUCHING
            and room < clearance(self.x, self.y)
        ):
            self.speed = self.turn = 0.0
            self._reset()
            self.motion = Motion.BLOCKED
            return
        self.x, self.y = x, y
        self.travelled += abs(step)
        if self._straight is not None:
            self._straight -= step

    def _wanted(self, dt: float) -> tuple[float, float]:
        if self._turning is not None:
            if abs(self._turning) < ALIGNED:
                return self._done()
            return 0.0, _braked(self._turning, TURN_SPEED, TURN_ACCELERATION, dt)
        if self._straight is not None:
            if abs(self._straight) < ARRIVED / 2:
                return self._done()
            return _braked(self._straight, self._max_speed, ACCELERATION, dt), 0.0
        if self._path:
            return self._along_path(dt)
        self._command_left -= dt
        if self._command_left <= 0.0:
            return self._done()
        return self._command

    def _along_path(self, dt: float) -> tuple[float, float]:
        here = (self.x, self.y)
        goal = self._path[-1]
        while self._at < len(self._path) - 1 and (
            math.dist(here, self._path[self._at]) < LOOKAHEAD and self._at < len(self._path) - 1
        ):
            self._at += 1
        left = math.dist(here, goal)
        rolls_on = self.speed**2 / (2 * ACCELERATION)
        if left < ARRIVED or (left + rolls_on < 2 * ARRIVED and self._overshot()):
            self._path = []
            if self._final_yaw is None:
                return self._done()
            self._turning = wrapped(self._final_yaw - self.yaw)
            return 0.0, 0.0
        aim = self._path[self._at]
        error = wrapped(math.atan2(aim[1] - self.y, aim[0] - self.x) - self.yaw)
        if abs(error) > TURN_FIRST:
            return 0.0, _braked(error, TURN_SPEED, TURN_ACCELERATION, dt)
        ahead = max(self.remaining(), ARRIVED)
        speed = _braked(ahead, self._max_speed, ACCELERATION, dt) * math.cos(error) ** 2
        return speed, 4.0 * error

    def _overshot(self) -> bool:
        goal = self._path[-1]
        bearing = math.atan2(goal[1] - self.y, goal[0] - self.x)
        return abs(wrapped(bearing - self.yaw)) > math.pi / 2

    def _done(self) -> tuple[float, float]:
        self._reset()
        self.motion = Motion.IDLE
        return 0.0, 0.0

    def _reset(self) -> None:
        self._path, self._straight, self._turning, self._final_yaw = [], None, None, None
        self._command_left = 0.0


def _bounded(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def _approach(value: float, wanted: float, step: float) -> float:
    return value + _bounded(wanted - value, step)


def _braked(distance: float, limit: float, acceleration: float, dt: float) -> float:
    """Speed from which the rest of the distance suffices to stop, with one step in hand."""
    margin = acceleration * dt
    speed = math.sqrt(margin**2 + 2 * acceleration * abs(distance)) - margin
    return math.copysign(min(limit, speed), distance)
