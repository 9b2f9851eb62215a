"""The map of a run: where robots went, where actions ended and where attempts failed."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator
from dataclasses import dataclass

from execution_orchestrator.engine.events import RobotTravelled
from execution_orchestrator.monitoring.web.floor import Grid
from execution_orchestrator.observation.record import ExecutionRecord

MARGIN = 1.0  # metres around what happened
MAX_CELLS = 400  # of the map along a side
OCCUPIED = 65  # of 100, as map_server counts it
SAME_PLACE = 0.3  # metres; what ended nearer shares a mark
NUMBERS = 99


@dataclass(frozen=True, slots=True)
class Way:
    """A polyline of a robot's base; ``points`` are as SVG wants them."""

    title: str
    points: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where something ended: ``words`` are what, in their order."""

    x: float
    y: float
    numbers: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a robot was when an attempt failed."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class RunMap:
    """What to draw, in metres with y downwards as SVG has it."""

    left: float
    top: float
    width: float
    height: float
    walls: str
    ways: tuple[Way, ...]
    start: tuple[float, float]
    marks: tuple[Mark, ...]
    failures: tuple[Failure, ...]
    metre: float  # width of a line that can be seen, in metres
    steps: tuple[float, ...]  # metres along x at which a line is drawn, and along y below
    rows: tuple[float, ...]


def run_map(record: ExecutionRecord, grid: Grid | None = None) -> RunMap | None:
    """Return the map of a run, None if no robot went anywhere."""
    travelled = [one for one in record.travelled if one.path]
    if not travelled:
        return None
    xs = [point[1] for one in travelled for point in one.path]
    ys = [-point[2] for one in travelled for point in one.path]
    left, right = min(xs) - MARGIN, max(xs) + MARGIN
    top, bottom = min(ys) - MARGIN, max(ys) + MARGIN
    if grid is not None and not grid.yaw:
        left, right = min(left, grid.x), max(right, grid.x + grid.width * grid.resolution)
        top = min(top, -grid.y - grid.height * grid.resolution)
        bottom = max(bottom, -grid.y)
    width, height = right - left, bottom - top
    step = 1.0 if max(width, height) <= 30.0 else 10.0
    first = travelled[0].path[0]
    return RunMap(
        left=_short(left),
        top=_short(top),
        width=_short(width),
        height=_short(height),
        walls=_walls(grid) if grid is not None and not grid.yaw else "",
        ways=tuple(
            Way(one.description(), " ".join(f"{_short(x)},{_short(-y)}" for _, x, y, _ in one.path))
            for one in travelled
        ),
        start=(_short(first[1]), _short(-first[2])),
        marks=_marks(record, travelled),
        failures=tuple(_failures(record, travelled)),
        metre=_short(max(width, height) / 250.0),
        steps=tuple(_lines(left, right, step)),
        rows=tuple(_lines(top, bottom, step)),
    )


def _marks(record: ExecutionRecord, travelled: list[RobotTravelled]) -> tuple[Mark, ...]:
    """Return where each action ended its way; those at one place share a mark."""
    groups: list[tuple[float, float, list[tuple[int, str]]]] = []
    for number, one in enumerate(travelled[:NUMBERS], 1):
        _, x, y, _ = one.path[-1]
        action = record.actions.get(one.key)
        status = f" ({action.status.lower()})" if action is not None else ""
        mark = (number, f"{one.key}{status}")
        known = next((g for g in groups if math.dist(g[:2], (x, y)) < SAME_PLACE), None)
        if known is None:
            groups.append((x, y, [mark]))
        else:
            known[2].append(mark)
    return tuple(
        Mark(
            _short(x),
            _short(-y),
            ", ".join(str(number) for number, _ in of_one),
            tuple(words for _, words in of_one),
        )
        for x, y, of_one in groups
    )


def _failures(record: ExecutionRecord, travelled: list[RobotTravelled]) -> Iterator[Failure]:
    for action in record.actions.values():
        own = [one for one in travelled if one.robot == action.robot]
        points = sorted(point for one in own for point in one.path)
        if not points:
            continue
        times = [point[0] for point in points]
        for attempt in action.attempts:
            if attempt.error_code and attempt.ended is not None:
                _, x, y, _ = points[max(0, bisect.bisect_right(times, attempt.ended) - 1)]
                yield Failure(
                    _short(x),
                    _short(-y),
                    f"{action.key}, attempt {attempt.number}: {attempt.error_code}",
                )


def _walls(grid: Grid) -> str:
    """Return what is occupied as one SVG path: a rectangle for each run of cells in a row."""
    factor = math.ceil(max(grid.width, grid.height) / MAX_CELLS)
    size = grid.resolution * factor
    parts = []
    for row in range(0, grid.height, factor):
        rows = [
            grid.cells[at * grid.width : (at + 1) * grid.width]
            for at in range(row, min(row + factor, grid.height))
        ]
        full = [
            any(
                OCCUPIED <= cell <= 100
                for cells in rows
                for cell in cells[column : column + factor]
            )
            for column in range(0, grid.width, factor)
        ]
        y = _short(-(grid.y + row * grid.resolution) - size)
        begin = None
        for column, occupied in enumerate([*full, False]):
            if occupied and begin is None:
                begin = column
            elif not occupied and begin is not None:
                x, long = _short(grid.x + begin * size), _short((column - begin) * size)
                parts.append(f"M{x} {y}h{long}v{_short(size)}h{-long}z")
                begin = None
    return "".join(parts)


def _lines(start: float, end: float, step: float) -> Iterator[float]:
    at = math.ceil(start / step) * step
    while at < end:
        yield _short(at)
        at += step


def _short(metres: float) -> float:
    return round(metres, 3) + 0.0  # no minus before nothing
