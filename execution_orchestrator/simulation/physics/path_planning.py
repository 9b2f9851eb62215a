"""Paths for a round base on the grid: A* that keeps away from walls, then shortcuts."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import pairwise

from execution_orchestrator.simulation.physics.grid import Grid
from execution_orchestrator.simulation.physics.robot_model import RADIUS

Point = tuple[float, float]
Cell = tuple[int, int]
Room = Callable[[float, float], float]  # clearance in metres at x, y
SAFETY = 0.03  # metres beyond the radius
COMFORT = 0.25  # metres beyond which clearance costs nothing
SHYNESS = 3.0  # how much dearer a cell right beside an obstacle is
SPACING = 0.05  # metres between the poses of a path
NEIGHBOURS = [(dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc]


class PlanningProblem(Enum):
    """Why there is no path."""

    START_OUTSIDE_MAP = "the start is outside of the map"
    GOAL_OUTSIDE_MAP = "the goal is outside of the map"
    START_OCCUPIED = "the start is inside of an obstacle"
    GOAL_OCCUPIED = "the goal is too close to an obstacle"
    NO_VALID_PATH = "no way around the obstacles leads to the goal"


class NoPathError(Exception):
    """There is no path; ``problem`` says why."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        super().__init__(problem.value)


def plan_path(
    grid: Grid, start: Point, goal: Point, obstacles: Sequence[tuple[float, float, float]] = ()
) -> list[Point]:
    """Points from start to goal, about 5 cm apart, that a base of the robot's radius can follow.

    ``obstacles`` are circles (x, y, radius) that are not in the world, such as other robots.

    Raises:
        NoPathError: there is none.

    """
    needed = RADIUS + SAFETY

    def free(x: float, y: float) -> float:
        room = grid.clearance_at(x, y)
        for ox, oy, radius in obstacles:
            room = min(room, math.hypot(x - ox, y - oy) - radius)
        return room

    first, last = grid.cell(*start), grid.cell(*goal)
    if not grid.inside(*first):
        raise NoPathError(PlanningProblem.START_OUTSIDE_MAP)
    if not grid.inside(*last):
        raise NoPathError(PlanningProblem.GOAL_OUTSIDE_MAP)
    if free(*start) <= 0.0:
        raise NoPathError(PlanningProblem.START_OCCUPIED)
    if free(*goal) < needed:
        raise NoPathError(PlanningProblem.GOAL_OCCUPIED)
    cells = _search(grid, first, last, free, needed)
    points = [start, *(grid.place(*cell) for cell in cells[1:-1]), goal]
    return _spaced(_shortened(points, free, needed))


def _search(grid: Grid, first: Cell, last: Cell, free: Room, needed: float) -> list[Cell]:
    came: dict[Cell, Cell] = {}
    best = {first: 0.0}
    queue = [(0.0, first)]
    closed: set[Cell] = set()
    room: dict[Cell, float] = {}
    while queue:
        _, cell = heapq.heappop(queue)
        if cell == last:
            return _walked(came, last)
        if cell in closed:
            continue
        closed.add(cell)
        for dr, dc in NEIGHBOURS:
            beside = (cell[0] + dr, cell[1] + dc)
            if beside in closed or not grid.inside(*beside):
                continue
            if beside not in room:
                room[beside] = free(*grid.place(*beside))
            # The start and the goal themselves were judged at their exact places.
            clear = room[beside]
            if clear < needed and beside != last and not _leaving(room, cell, first, clear):
                continue
            shy = SHYNESS * max(0.0, 1.0 - max(clear - needed, 0.0) / COMFORT)
            cost = best[cell] + math.hypot(dr, dc) * (1.0 + shy)
            if cost < best.get(beside, math.inf):
                best[beside] = cost
                came[beside] = cell
                ahead = math.hypot(beside[0] - last[0], beside[1] - last[1])
                heapq.heappush(queue, (cost + ahead, beside))
    raise NoPathError(PlanningProblem.NO_VALID_PATH)


def _leaving(room: Mapping[Cell, float], cell: Cell, first: Cell, clear: float) -> bool:
    """Let a base that stands too close to something drive away from it, not along it."""
    return clear > 0.0 and (cell == first or clear > room.get(cell, 0.0))


def _walked(came: Mapping[Cell, Cell], last: Cell) -> list[Cell]:
    cells = [last]
    while cells[-1] in came:
        cells.append(came[cells[-1]])
    return cells[::-1]


def _shortened(points: list[Point], free: Room, needed: float) -> list[Point]:
    """Leave out points while the straight line keeps the clearance the points had."""
    kept, at = [points[0]], 0
    while at < len(points) - 1:
        reach = at + 1
        while reach + 1 < len(points) and _straight(points[at], points[reach + 1], free, needed):
            reach += 1
        kept.append(points[reach])
        at = reach
    return kept


def _straight(start: Point, end: Point, free: Room, needed: float) -> bool:
    count = max(2, math.ceil(math.dist(start, end) / SPACING))
    wanted = min(needed + COMFORT / 2, free(*start), free(*end))
    return all(
        free(start[0] + (end[0] - start[0]) * k / count, start[1] + (end[1] - start[1]) * k / count)
        >= max(wanted, needed)
        for k in range(1, count)
    )


def _spaced(points: list[Point]) -> list[Point]:
    result = [points[0]]
    for start, end in pairwise(points):
        count = max(1, math.ceil(math.dist(start, end) / SPACING))
        result += [
            (start[0] + (end[0] - start[0]) * k / count, start[1] + (end[1] - start[1]) * k / count)
            for k in range(1, count + 1)
        ]
    return result
