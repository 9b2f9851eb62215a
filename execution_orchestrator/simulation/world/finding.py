"""Finds the world files of the package and of the user."""

from __future__ import annotations

import os
from pathlib import Path

from execution_orchestrator.simulation.world.sdf import WorldError, read_world
from execution_orchestrator.simulation.world.simulated_world import World

MODEL_PATHS = ("GZ_SIM_RESOURCE_PATH", "GAZEBO_MODEL_PATH")


def load_world(name: str, share: Path) -> World:
    """Load a world by file or by the name of one in ``share``/worlds.

    Raises:
        WorldError: there is no such world, or it cannot be used.

    """
    path = Path(name)
    if path.suffix not in (".sdf", ".world"):
        path = share / "worlds" / f"{name}.sdf"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in path.parent.glob("*.sdf"))) or "none"
            raise WorldError(f"no world is called {name!r}; known: {known}, or give an .sdf file")
    folders = [share / "models", path.parent]
    for variable in MODEL_PATHS:
        folders += [Path(part) for part in os.environ.get(variable, "").split(":") if part]
    return read_world(path, folders)
