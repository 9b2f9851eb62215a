"""How near a robot came to each of several places while it drove past them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

PERIOD = 0.2  # seconds between two looks
PoseIn = Callable[[str, str], Mapping[str, Any] | None]  # frame, robot -> fields of a Pose
Place = tuple[str, Mapping[str, Any]]  # frame, fields of a Pose


class Passing:
    """Looks at the robot's pose (tf) between start and stop. Used on the loop's thread."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pose_in: PoseIn,
        robot: str,
        places: Sequence[Place],
    ) -> None:
        self._loop = loop
        self._pose_in = pose_in
        self._robot = robot
        self._places = places
        self._frames = frozenset(frame for frame, _ in places)
        self._nearest = [math.inf] * len(places)  # metres
        self._before: dict[str, tuple[float, float]] = {}  # where it was in each frame
        self._blind = False  # tf did not say all the time where the robot was
        self._next: asyncio.TimerHandle | None = None

    @property
    def sees(self) -> bool:
        """Whether tf says now where the robot is."""
        return None not in self._positions().values()

    def start(self) -> None:
        """Look from now on: the goal is sent."""
        self._look()

    def stop(self) -> None:
        """Look no more: the goal has ended."""
        if self._next is not None:
            self._next.cancel()

    def missed(self, within: float) -> list[tuple[int, float]]:
        """Return which places were never as near as this, and how near they were, in metres.

        Nothing is said of a way that was not seen as a whole.
        """
        if self._blind:
            return []
        return [(i, least) for i, least in enumerate(self._nearest) if least > within]

    def _look(self) -> None:
        self._next = self._loop.call_later(PERIOD, self._look)
        here = self._positions()
        for index, (frame, place) in enumerate(self._places):
            now = here[frame]
            if now is not None:
                there = (place["position"]["x"], place["position"]["y"])
                beside = _distance(there, self._before.get(frame, now), now)
                self._nearest[index] = min(self._nearest[index], beside)
        self._blind = self._blind or None in here.values()
        self._before = {frame: now for frame, now in here.items() if now is not None}

    def _positions(self) -> dict[str, tuple[float, float] | None]:
        return {frame: self._here(frame) for frame in self._frames}

    def _here(self, frame: str) -> tuple[float, float] | None:
        pose = self._pose_in(frame, self._robot)
        return None if pose is None else (pose["position"]["x"], pose["position"]["y"])


def _distance(
    there: tuple[float, float], begin: tuple[float, float], end: tuple[float, float]
) -> float:
    """Return how far a place is from the straight way between two others."""
    way = (end[0] - begin[0], end[1] - begin[1])
    length = math.hypot(*way)
    if not length:
        return math.dist(there, end)
    along = ((there[0] - begin[0]) * way[0] + (there[1] - begin[1]) * way[1]) / length**2
    share = min(1.0, max(0.0, along))
    return math.dist(there, (begin[0] + share * way[0], begin[1] + share * way[1]))
