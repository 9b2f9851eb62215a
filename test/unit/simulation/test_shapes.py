"""Distances and rays agree with each other on every shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.simulation.geometry import from_quaternion, quaternion, transform
from execution_orchestrator.simulation.world.shapes import Box, Cylinder, Plane, Shape, Sphere
from execution_orchestrator.simulation.world.simulated_world import Solid

SHAPES = [Box((1.0, 0.4, 2.0)), Sphere(0.7), Cylinder(0.3, 1.5)]
angle = st.floats(-3.1, 3.1)
coordinate = st.floats(-2.0, 2.0)


@pytest.mark.parametrize("shape", SHAPES)
@given(angles=st.tuples(angle, angle, angle), at=st.tuples(coordinate, coordinate, coordinate))
def test_a_ray_ends_on_the_surface(
    shape: Shape, angles: tuple[float, float, float], at: tuple[float, float, float]
) -> None:
    solid = Solid(shape, transform(at, angles), (0, 0, 0))
    origin = np.array([6.0, 1.0, 2.0])
    ways = np.array(at) - origin + np.array([[0.0, 0.0, 0.0], [0.1, 0.1, 0.0], [9.0, 0.0, 0.0]])
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    reach = solid.hits(origin, ways)
    assert np.isfinite(reach[0])  # aimed at its middle
    for distance, way in zip(reach, ways, strict=True):
        if np.isfinite(distance):
            assert abs(solid.distances((origin + way * distance)[None])[0]) < 1e-6


@pytest.mark.parametrize("shape", SHAPES)
def test_bounds_contain_it(shape: Shape) -> None:
    solid = Solid(shape, transform((1, 2, 3), (0.3, 0.4, 0.5)), (0, 0, 0))
    low, high = solid.bounds()
    points = np.random.default_rng(1).uniform(low - 1, high + 1, (2000, 3))
    inside = points[solid.distances(points) < 0]
    assert len(inside)
    assert (inside >= low - 1e-9).all()
    assert (inside <= high + 1e-9).all()


def test_plane_is_seen_from_above_only() -> None:
    down = np.array([[0.0, 0.0, -1.0]])
    assert Plane().hits(np.array([0.0, 0.0, 2.0]), down)[0] == 2.0
    assert np.isinf(Plane().hits(np.array([0.0, 0.0, 2.0]), -down)[0])


@given(angles=st.tuples(angle, angle, angle))
def test_quaternions_come_back(angles: tuple[float, float, float]) -> None:
    pose = transform((1.0, 2.0, 3.0), angles)
    assert np.allclose(from_quaternion((1.0, 2.0, 3.0), quaternion(pose)), pose, atol=1e-9)


def test_quaternion_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="length 0"):
        from_quaternion((0, 0, 0), (0, 0, 0, 0))
    with pytest.raises(ValueError, match="not finite"):
        from_quaternion((0, float("nan"), 0), (0, 0, 0, 1))
