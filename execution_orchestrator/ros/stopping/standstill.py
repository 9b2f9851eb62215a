"""Whether the robot moves, by its odometry."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from nav_msgs.msg import Odometry
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import deserialize_message

from execution_orchestrator.capabilities.geometry import yaw_from_quaternion
from execution_orchestrator.ros.listening import Listener

PERIOD = 0.05  # seconds between two messages that are read; odometry comes at up to 200 Hz
SILENCE = 1.0  # seconds without odometry after which the motion counts as unknown
LONGER = 2.0  # times the usual duration: readings about zero that long are those of a robot at rest
NOISIEST = 5.0  # times the highest speed of a robot at rest; more is no noise
FEWEST, MOST_READ = 4, 400  # readings
POSE_MARGIN = 1.5  # times the way of the slowest motion that the pose may have come meanwhile


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """One message: linear and angular velocity (of the base), and where it is."""

    when: float
    velocity: tuple[float, float, float]
    rates: tuple[float, float, float]
    place: tuple[float, float, float]
    yaw: float

    @property
    def speed(self) -> float:
        return math.hypot(*self.velocity)

    @property
    def turn(self) -> float:
        return math.hypot(*self.rates)


@dataclass(frozen=True, slots=True)
class Travelled:
    """How far a robot was turned and driven up to one moment, by odometry.

    ``turned`` counts on over whole turns (radians, counter-clockwise positive); ``place`` is in the
    frame of odometry (metres). Two of which ``breaks`` differs cannot be compared: in between
    nothing was heard for a while.
    """

    turned: float
    place: tuple[float, float, float]
    breaks: int


class Odometer:
    """Listens to the odometry of one robot. May be asked from any thread.

    The velocity decides. Noise about zero for long enough counts as standing; a zero velocity while
    the pose keeps changing steadily does not: some publishers do not fill in the velocity.
    """

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
        self._readings: deque[_Reading] = deque(maxlen=MOST_READ)
        self._travelled = Travelled(0.0, (0.0, 0.0, 0.0), 0)
        self._subscription = listener.create_subscription(
            Odometry, topic, self._on_message, qos_profile_sensor_data, raw=True
        )
        self._topic = self._subscription.topic_name

    @property
    def heard(self) -> bool:
        """Whether there was ever a message."""
        return self._read > -math.inf

    @property
    def travelled(self) -> Travelled | None:
        """How far the robot has come up to now; None if odometry does not say it now."""
        travelled = self._travelled
        known = math.isfinite(math.fsum((travelled.turned, *travelled.place)))
        return travelled if known and self._clock() - self._read <= SILENCE else None

    def look(self, since: float = -math.inf) -> Seen:
        """Say whether the robot moves.

        It stands if messages show it for long enough after ``since`` (monotonic seconds): messages
        from before a stop do not count, the robot may have just begun to drive.
        """
        now = self._clock()
        silent = now - self._read
        if not self.heard:
            return Seen(Motion.UNKNOWN, words=f"no odometry on {self._topic}")
        if silent > SILENCE:
            return Seen(Motion.UNKNOWN, words=f"no odometry on {self._topic} for {silent:.0f} s")
        seen = list(self._readings)
        last = seen[-1]
        if not math.isfinite(last.speed + last.turn):
            return Seen(Motion.UNKNOWN, words=f"the velocity on {self._topic} is not a number")
        way, turned = self._drift(seen, since)
        if way or turned:
            how = f"{way:.2f} m/s" if way else f"turns, {turned:.2f} rad/s"
            words = f"{self._name} still moves ({how} by its pose)"
            return Seen(Motion.MOVING, way, turned, words)
        if self._about_zero(seen, since):
            return Seen(Motion.STANDING, words=f"{self._name} stands")
        if self._slow_since is None:
            fast = last.speed > self._settings.speed
            how = f"{last.speed:.2f} m/s" if fast else f"turns, {last.turn:.2f} rad/s"
            words = f"{self._name} still moves ({how})"
            return Seen(Motion.MOVING, last.speed, last.turn, words)
        if self._read - max(self._slow_since, since) < self._settings.duration:
            return Seen(Motion.SETTLING, words=f"{self._name} comes to rest")
        return Seen(Motion.STANDING, words=f"{self._name} stands")

    def _about_zero(self, readings: Sequence[_Reading], since: float) -> bool:
        """Whether the velocity has been but noise about zero, for longer than a slow one has to."""
        longer = LONGER * self._settings.duration
        seen = [one for one in readings if one.when >= max(since, self._read - longer)]
        if len(seen) < FEWEST or self._read - seen[0].when < longer * 0.8:
            return False
        if any(
            one.speed > NOISIEST * self._settings.speed or one.turn > NOISIEST * self._settings.turn
            for one in seen
        ):
            return False
        speed = math.hypot(*map(fmean, zip(*(one.velocity for one in seen), strict=True)))
        turn = math.hypot(*map(fmean, zip(*(one.rates for one in seen), strict=True)))
        return speed <= self._settings.speed and turn <= self._settings.turn

    def _drift(self, readings: Sequence[_Reading], since: float) -> tuple[float, float]:
        """Return the speeds (m/s, rad/s) at which the pose changes while the velocity is zero.

        A correction of the pose is one jump; a motion changes it in both halves of the time.
        """
        slow = math.inf if self._slow_since is None else self._slow_since
        began = max(since, slow, self._read - self._settings.duration)
        seen = [one for one in readings if one.when >= began]
        elapsed = self._read - seen[0].when if seen else 0.0
        if len(seen) < FEWEST or elapsed < self._settings.duration / 2:
            return 0.0, 0.0
        first, middle, last = seen[0], seen[len(seen) // 2], seen[-1]
        way = _onwards(_between(first.place, middle.place), _between(middle.place, last.place))
        turned = _onwards(
            [math.remainder(middle.yaw - first.yaw, math.tau)],
            [math.remainder(last.yaw - middle.yaw, math.tau)],
        )
        speeds = (way / elapsed, turned / elapsed)
        limits = (self._settings.speed, self._settings.turn)
        moves = [
            speed if speed > POSE_MARGIN * limit else 0.0
            for speed, limit in zip(speeds, limits, strict=True)
        ]
        return moves[0], moves[1]

    def _on_message(self, data: bytes) -> None:
        now = self._clock()
        if now - self._read < PERIOD:
            return
        gap = now - self._read > SILENCE
        reading = _reading(now, deserialize_message(data, Odometry))
        before = self._travelled
        turned = 0.0 if gap else math.remainder(reading.yaw - self._readings[-1].yaw, math.tau)
        # A NaN or an infinity discards the history, as a silence does.
        broken = gap or not math.isfinite(before.turned)
        self._travelled = Travelled(
            turned if broken else before.turned + turned, reading.place, before.breaks + broken
        )
        if gap:
            self._readings = deque([reading], maxlen=MOST_READ)
        else:
            self._readings.append(reading)
        if not (reading.speed <= self._settings.speed and reading.turn <= self._settings.turn):
            self._slow_since = None
        elif self._slow_since is None or gap:
            self._slow_since = now
        self._read = now


def _reading(now: float, message: Odometry) -> _Reading:
    twist, pose = message.twist.twist, message.pose.pose
    at = pose.position
    return _Reading(
        now,
        (twist.linear.x, twist.linear.y, twist.linear.z),
        (twist.angular.x, twist.angular.y, twist.angular.z),
        (at.x, at.y, at.z),
        yaw_from_quaternion({key: getattr(pose.orientation, key) for key in "xyzw"}),
    )


def _between(here: Sequence[float], there: Sequence[float]) -> list[float]:
    return [b - a for a, b in zip(here, there, strict=True)]


def _onwards(one: Sequence[float], two: Sequence[float]) -> float:
    """Return how far two steps lead that are about as long, and in one direction; 0.0: others."""
    way = math.hypot(*(a + b for a, b in zip(one, two, strict=True)))
    onwards = sum(a * b for a, b in zip(one, two, strict=True)) > 0
    return way if onwards and min(math.hypot(*one), math.hypot(*two)) > way / 4 else 0.0


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

    def travelled(self, robot: str) -> Travelled | None:
        """How far a robot has come, None if that is not known now."""
        odometer = self._each.get(robot)
        return odometer.travelled if odometer is not None else None

    def all(self, since: float = -math.inf) -> Seen:
        """Say whether any robot moves: what is worst of them all."""
        looks = [odometer.look(since) for odometer in self._each.values()]
        return min(looks, key=lambda seen: WORST_FIRST.index(seen.motion))
