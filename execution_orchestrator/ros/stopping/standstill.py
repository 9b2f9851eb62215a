"""Whether the robot moves, by its odometry."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nav_msgs.msg import Odometry
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import deserialize_message

from execution_orchestrator.ros.listening import Listener

PERIOD = 0.05  # seconds between two messages that are read; odometry comes at up to 200 Hz
SILENCE = 1.0  # seconds without odometry after which nobody knows


class Motion(StrEnum):
    """What is known of a robot's motion from odometry."""

    MOVING = "moving"
    SETTLING = "settling"  # slow enough, but not for long enough
    STANDING = "standing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StandstillSettings:
    """A robot is at rest after ``duration`` seconds below both speeds (m/s, rad/s)."""

    speed: float = 0.02
    turn: float = 0.05
    duration: float = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known at one moment; ``speed`` is in metres per second, ``turn`` radians per second.

    ``words`` says it as a part of a sentence.
    """

    motion: Motion
    speed: float = 0.0
    turn: float = 0.0
    words: str = ""


class Odometer:
    """Listens to the odometry of one robot. May be asked from any thread."""

    def __init__(
        self,
        listener: Listener,
        topic: str,
        settings: StandstillSettings,
        *,
        robot: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._name = robot or "the robot"
        self._read = -math.inf
        self._slow_since: float | None = None
        self._speed = self._turn = 0.0
        self._subscription = listener.create_subscription(
            Odometry, topic, self._on_message, qos_profile_sensor_data, raw=True
        )
        self._topic = self._subscription.topic_name

    @property
    def heard(self) -> bool:
        """Whether there was ever a message."""
        return self._read > -math.inf

    def look(self, since: float = -math.inf) -> Seen:
        """Say whether the robot moves.

        It stands if messages show it for long enough after ``since`` (monotonic seconds): what was
        heard before a stop says nothing about a robot that had just begun to drive.
        """
        now = self._clock()
        silent = now - self._read
        if not self.heard:
            return Seen(Motion.UNKNOWN, words=f"no odometry on {self._topic}")
        if silent > SILENCE:
            return Seen(Motion.UNKNOWN, words=f"no odometry on {self._topic} for {silent:.0f} s")
        if not math.isfinite(self._speed + self._turn):
            return Seen(Motion.UNKNOWN, words=f"the velocity on {self._topic} is not a number")
        if self._slow_since is None:
            speed, turn = self._speed, self._turn
            how = f"{speed:.2f} m/s" if speed > self._settings.speed else f"turns, {turn:.2f} rad/s"
            return Seen(Motion.MOVING, speed, turn, f"{self._name} still moves ({how})")
        if self._read - max(self._slow_since, since) < self._settings.duration:
            return Seen(Motion.SETTLING, words=f"{self._name} comes to rest")
        return Seen(Motion.STANDING, words=f"{self._name} stands")

    def _on_message(self, data: bytes) -> None:
        now = self._clock()
        if now - self._read < PERIOD:
            return
        gap = now - self._read > SILENCE
        twist = deserialize_message(data, Odometry).twist.twist
        self._speed = math.hypot(twist.linear.x, twist.linear.y, twist.linear.z)
        self._turn = math.hypot(twist.angular.x, twist.angular.y, twist.angular.z)
        if not (self._speed <= self._settings.speed and self._turn <= self._settings.turn):
            self._slow_since = None
        elif self._slow_since is None or gap:
            self._slow_since = now
        self._read = now


WORST_FIRST = (Motion.MOVING, Motion.SETTLING, Motion.UNKNOWN, Motion.STANDING)


class Odometers:
    """The odometers of all robots, by the robot's name (empty: the one without a name)."""

    def __init__(self, each: Mapping[str, Odometer]) -> None:
        self._each = dict(each)

    def of(self, robot: str, since: float = -math.inf) -> Seen:
        """Whether one robot moves; messages from before ``since`` do not prove that it rests."""
        odometer = self._each.get(robot)
        if odometer is None:
            return Seen(Motion.UNKNOWN, words=f"no odometry of {robot or 'the robot'}")
        return odometer.look(since)

    def all(self, since: float = -math.inf) -> Seen:
        """Say whether any robot moves: what is worst of them all."""
        looks = [odometer.look(since) for odometer in self._each.values()]
        return min(looks, key=lambda seen: WORST_FIRST.index(seen.motion))
