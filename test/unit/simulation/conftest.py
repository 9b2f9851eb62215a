"""Worlds of the package, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_orchestrator.simulation.physics.grid import Grid, build_grid
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.simulated_world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def apartment() -> World:
    return load_world("apartment", ROOT)


@pytest.fixture(scope="session")
def grid(apartment: World) -> Grid:
    return build_grid(apartment.static_solids())
