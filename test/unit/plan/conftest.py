from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def robot():
    return load_robot([ROOT / "config" / "capabilities.yaml", ROOT / "config" / "tools.yaml"]).model
