from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def robot():
    names = ("capabilities.yaml", "tools.yaml", "fleet.yaml")
    return load_robot([ROOT / "config" / name for name in names]).model
