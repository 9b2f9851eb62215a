"""The fault argument of simulation.launch.py."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("launch_ros")
FILE = Path(__file__).parents[3] / "launch" / "simulation.launch.py"


@pytest.fixture(scope="module")
def launch_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulation_launch", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_faults_of_several_servers(launch_file: ModuleType) -> None:
    faults = launch_file.parse_faults("navigation:abort:207, camera:hang,gripper:reject::0")
    assert faults["navigation"] == {
        "fault.mode": "abort",
        "fault.error_code": 207,
        "fault.count": 1,
    }
    assert faults["camera"]["fault.count"] == 1
    assert faults["gripper"]["fault.count"] == 0
    assert launch_file.parse_faults("") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("moon:abort", "with a server of navigation"),
        ("camera:explode", "a mode of reject"),
        ("camera", "write SERVER:MODE"),
        ("camera:abort:x", "whole numbers"),
        ("camera:abort:1:2:3", "write SERVER:MODE"),
    ],
)
def test_bad_faults_are_named(launch_file: ModuleType, text: str, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        launch_file.parse_faults(text)
