"""What a launch argument is given goes before the parameter file; what is not given leaves it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import Process, World

pytestmark = pytest.mark.timeout(360)
FILE = """
/**:
  ros__parameters:
    state_directory: {folder}
    web_port: 0
"""


@pytest.fixture
def file(world: World) -> Path:
    made = world.folder / "params.yaml"
    made.write_text(FILE.format(folder=world.folder / "of_the_file"))
    return made


def launched(world: World, *arguments: str) -> Process:
    ros2 = str(Path(sys.executable).with_name("ros2"))
    command = [ros2, "launch", "execution_orchestrator", "orchestrator.launch.py", *arguments]
    return Process(command, world.env, world.folder / "launch.out")


def test_the_file_counts_where_no_argument_is_given(world: World, file: Path) -> None:
    node = launched(world, f"params_file:={file}")
    try:
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            assert (world.folder / "of_the_file" / "journal.db").is_file()
    finally:
        node.stop()


def test_an_argument_goes_before_the_file(world: World, file: Path) -> None:
    elsewhere = world.folder / "elsewhere"
    node = launched(world, f"params_file:={file}", f"state_directory:={elsewhere}")
    try:
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            assert (elsewhere / "journal.db").is_file()
            assert not (world.folder / "of_the_file").exists()
    finally:
        node.stop()
