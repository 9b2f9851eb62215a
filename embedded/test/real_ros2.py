"""The real ROS 2 that `make ros2` puts beside the project, where it has been called."""

import os
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / ".ros2" / "setup.bash"
NODES = Path(__file__).parent / "nodes"
PATIENCE = 30  # seconds

needs_real_ros2 = pytest.mark.skipif(
    not SETUP.exists(), reason="there is no real ROS 2; `make ros2` installs one"
)


def real(script, *arguments, **options):
    """Start one of the programs in `nodes` on the real ROS 2."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = 'source "$0" && exec python3 "$@"'
    return subprocess.Popen(
        ["bash", "-c", command, str(SETUP), str(NODES / script), *arguments],
        env=kept | {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"},
        text=True,
        **options,
    )
