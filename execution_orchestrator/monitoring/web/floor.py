"""What the page's map needs to know of the robots and the place they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

MAX_SIDE = 1500  # cells of a map as it goes to a page; finer ones are made coarser


@dataclass(frozen=True, slots=True)
class Grid:
    """An occupancy grid in ``frame``; metres and radians.

    ``cells`` are int8, row by row from the origin: -1 unknown, 0 free to 100 occupied.
    ``version`` is another one with every change.
    """

    frame: str
    resolution: float
    width: int
    height: int
    x: float
    y: float
    yaw: float
    cells: bytes = field(repr=False)
    version: int = 0


@dataclass(frozen=True, slots=True)
class RobotPlace:
    """Where a robot is in the map: metres, radians; the name is empty where there is only one."""

    name: str
    x: float
    y: float
    yaw: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the floor, in the frame ``frame``. Nothing of it changes any more.

    ``things`` is what changes rarely, with a number that grows with each change: objects (with
    ``age`` in seconds at the time of this scene), places, planned paths, footprints, failures.
    ``trails`` are the paths driven, oldest point first.
    """

    frame: str = "map"
    robots: tuple[RobotPlace, ...] = ()
    things: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    trails: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)


class Floor(Protocol):
    """May be asked from any thread."""

    def scene(self) -> Scene:
        """Return the newest scene; while it is asked for, scenes are made at 10 Hz."""
        ...

    def grid(self, layer: str) -> Grid | None:
        """Return the map, or a costmap by its name; None if nothing was published (yet)."""
        ...

    def locate(self, name: str) -> Mapping[str, Any] | None:
        """Return the pose (x, y, yaw, frame) of a place or a known object."""
        ...


class NoFloor:
    """A floor without a map and places, for a node without a map and tests without a robot."""

    def scene(self) -> Scene:
        """Return an empty scene."""
        return Scene()

    def grid(self, layer: str) -> Grid | None:
        """Return nothing."""
        del layer
        return None

    def locate(self, name: str) -> Mapping[str, Any] | None:
        """Return nothing."""
        del name
        return None
