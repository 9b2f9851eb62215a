"""The base keeps its limits, its clearance, and arrives."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from execution_orchestrator.simulation.physics.base import TOUCHING, Base, Motion
from execution_orchestrator.simulation.physics.grid import Grid, build_grid
from execution_orchestrator.simulation.physics.path_planning import (
    NoPathError,
    PlanningProblem,
    plan_path,
)
from execution_orchestrator.simulation.physics.robot_model import (
    ACCELERATION,
    RADIUS,
    TURN_SPEED,
    WHEEL_SPEED,
)

STEP = 0.02


def drive(base: Base, grid: Grid, seconds: float = 90.0) -> None:
    """Step until it rests, checking limits and collisions all the way."""
    for _ in range(int(seconds / STEP)):
        before = base.speed
        base.step(STEP, grid.clearance_at)
        assert abs(base.speed) <= WHEEL_SPEED + 1e-9
        assert abs(base.turn) <= TURN_SPEED + 1e-9
        if base.motion is not Motion.BLOCKED:
            assert abs(base.speed - before) <= ACCELERATION * STEP + 1e-9
        assert grid.clearance_at(base.x, base.y) >= RADIUS - TOUCHING
        if base.motion is not Motion.MOVING and not base.speed and not base.turn:
            return
    pytest.fail("it still moves")


@settings(max_examples=25, deadline=None)
@given(x=st.floats(-1.2, 5.7), y=st.floats(-1.2, 5.2), yaw=st.floats(-3.1, 3.1))
@example(x=2.0546875, y=1.671875, yaw=0.0)  # the path bends just before the goal
def test_it_reaches_every_goal_that_has_a_path(grid: Grid, x: float, y: float, yaw: float) -> None:
    base = Base(0.0, 0.0, 0.0)
    try:
        path = plan_path(grid, (0.0, 0.0), (x, y))
    except NoPathError as failure:
        assert failure.problem in (PlanningProblem.GOAL_OCCUPIED, PlanningProblem.NO_VALID_PATH)
        return
    assert math.dist(path[0], (0, 0)) < 1e-9
    assert math.dist(path[-1], (x, y)) < 1e-9
    base.follow(path, yaw)
    drive(base, grid)
    assert base.motion is Motion.IDLE
    assert math.dist((base.x, base.y), (x, y)) < 0.04
    assert abs(math.remainder(base.yaw - yaw, math.tau)) < 0.03


@pytest.mark.parametrize(
    ("start", "goal", "problem"),
    [
        ((0, 0), (4.85, 2.0), PlanningProblem.GOAL_OCCUPIED),
        ((0, 0), (50, 0), PlanningProblem.GOAL_OUTSIDE_MAP),
        ((50, 0), (0, 0), PlanningProblem.START_OUTSIDE_MAP),
        ((5.65, 0), (0, 0), PlanningProblem.START_OCCUPIED),
        ((0, 0), (-2.2, 0), PlanningProblem.NO_VALID_PATH),
    ],
)
def test_why_there_is_no_path(
    grid: Grid,
    start: tuple[float, float],
    goal: tuple[float, float],
    problem: PlanningProblem,
) -> None:
    with pytest.raises(NoPathError) as caught:
        plan_path(grid, start, goal)
    assert caught.value.problem is problem


def test_an_obstacle_that_is_not_in_the_world_is_avoided(grid: Grid) -> None:
    obstacle = (1.3, 0.0, 0.3)
    path = plan_path(grid, (0.0, 0.0), (2.4, 0.0), [obstacle])
    assert min(math.dist(point, obstacle[:2]) for point in path) >= 0.3 + RADIUS


def test_a_wall_stops_it_and_it_can_back_away(grid: Grid) -> None:
    base = Base(0.0, 0.0, math.pi)
    base.drive_straight(5.0)
    drive(base, grid)
    assert base.motion is Motion.BLOCKED
    assert -1.25 < base.x < -1.1
    base.drive_straight(-0.5, 0.2)
    drive(base, grid)
    assert base.motion is Motion.IDLE
    assert base.x == pytest.approx(-0.7, abs=0.1)


@given(angle=st.floats(-12.0, 12.0))
@settings(max_examples=20, deadline=None)
def test_it_turns_by_the_angle(grid: Grid, angle: float) -> None:
    base = Base(0.0, 0.0, 0.0)
    base.rotate(angle)
    drive(base, grid)
    assert abs(math.remainder(base.yaw - angle, math.tau)) < 0.03


def test_a_velocity_command_expires(grid: Grid) -> None:
    base = Base(0.0, 0.0, 0.0)
    base.command(0.3, 0.0)
    drive(base, grid, 3.0)
    assert 0.05 < base.x < 0.3
    base.command(0.3, 0.0)
    base.step(STEP, grid.clearance_at)
    base.command(0.0, 0.0)
    assert base.motion is Motion.IDLE


def test_a_world_without_obstacles_is_free_everywhere():
    assert build_grid([]).clearance_at(0.12, 0.34) > 1.0
