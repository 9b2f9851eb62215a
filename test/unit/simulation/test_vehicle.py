"""The vehicle's motion, lanes and circles."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.simulation.geometry import transform
from execution_orchestrator.simulation.physics.vehicle import (
    ACCELERATION,
    Kind,
    Vehicle,
    circle,
    free_way,
    lanes,
)
from execution_orchestrator.simulation.world.shapes import Box
from execution_orchestrator.simulation.world.simulated_world import Solid

coordinate = st.floats(-20.0, 20.0)


@given(st.lists(st.tuples(coordinate, coordinate, st.floats(0.0, 20.0)), min_size=1, max_size=6))
def test_it_goes_through_every_point_within_its_limits(
    points: list[tuple[float, float, float]],
) -> None:
    vehicle = Vehicle(Kind.AERIAL, np.zeros(3), 100.0)
    vehicle.follow([np.array(point) for point in points])
    for _ in range(20_000):
        before, speed = vehicle.position, vehicle.speed
        vehicle.step(0.05)
        assert np.linalg.norm(vehicle.position - before) <= Kind.AERIAL.cruise * 0.05 + 1e-9
        assert vehicle.speed - speed <= ACCELERATION * 0.05 + 1e-9
        if not vehicle.moving:
            break
    assert vehicle.position == pytest.approx(points[-1])
    assert vehicle.remaining() == 0.0


def test_fence_and_ceiling() -> None:
    vehicle = Vehicle(Kind.AERIAL, np.zeros(3), 10.0, ceiling=5.0)
    assert vehicle.allowed(np.array([9.0, 0.0, 5.0]))
    assert not vehicle.allowed(np.array([9.0, 9.0, 1.0]))
    assert not vehicle.allowed(np.array([0.0, 0.0, 6.0]))
    assert not vehicle.allowed(np.array([0.0, 0.0, -1.0]))


def test_a_wall_in_the_way() -> None:
    wall = Solid(Box((0.1, 10.0, 3.0)), transform((2.0, 0.0, 1.5)), (0, 0, 0))
    start, end = np.array([0.0, 0.0, 1.0]), np.array([4.0, 0.0, 1.0])
    assert not free_way([wall], [start, end])
    higher = np.array([0.0, 0.0, 3.0])
    assert free_way([wall], [start + higher, end + higher])


@given(st.floats(0.5, 3.0))
def test_lanes_leave_no_gap(spacing: float) -> None:
    corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 6.0), (0.0, 6.0)]
    way = lanes(corners, spacing)
    ys = sorted({y for _, y in way})
    assert ys[0] <= spacing / 2 + 1e-9
    assert ys[-1] >= 6.0 - spacing / 2 - 1e-9
    assert all(b - a <= spacing + 1e-9 for a, b in pairwise(ys))
    assert {x for x, _ in way} == {0.0, 10.0}


@given(st.floats(-3.0, 3.0).filter(lambda turns: abs(turns) > 0.01))
def test_circles_keep_the_radius_and_the_turns(turns: float) -> None:
    ring = circle(np.array([1.0, 2.0, 3.0]), 4.0, turns, np.array([9.0, 2.0, 0.0]))
    assert ring[0] == pytest.approx([5.0, 2.0, 3.0])
    swept = 0.0
    for one, two in pairwise(ring):
        assert math.dist(one[:2], (1.0, 2.0)) == pytest.approx(4.0)
        a, b = (math.atan2(p[1] - 2.0, p[0] - 1.0) for p in (one, two))
        swept += math.remainder(b - a, math.tau)
    assert swept == pytest.approx(math.tau * turns)


def test_the_battery_drains_in_the_air_only() -> None:
    vehicle = Vehicle(Kind.AERIAL, np.zeros(3), 10.0)
    vehicle.step(10.0)
    assert vehicle.charge == 1.0
    vehicle.follow([np.array([0.0, 0.0, 2.0])])
    for _ in range(100):
        vehicle.step(0.1)
    assert vehicle.flying
    assert vehicle.charge < 1.0
