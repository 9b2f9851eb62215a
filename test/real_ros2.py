"""The real ROS 2 that `make ros2` makes, for tests that compare with it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).parents[1]
SETUP = ROOT / ".ros2" / "setup.bash"
#: What a sourced ROS 2 sets, which a program on the embedded runtime must not have.
SOURCED = ("AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "ROS_DISTRO")

needed = pytest.mark.skipif(not SETUP.is_file(), reason="needs a real ROS 2: make ros2")


def embedded_environment() -> dict[str, str]:
    """The environment of a program on the embedded runtime."""
    return {name: value for name, value in os.environ.items() if name not in SOURCED}


@cache
def real_environment() -> dict[str, str]:
    """The environment of a program on the real ROS 2."""
    done = run(
        ["bash", "-c", f"source {SETUP} && env -0"],
        env=embedded_environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
