"""Gives way to the `ros2` command of a real ROS 2."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def hand_over() -> str:
    """Become the next `ros2` on the path; return what to say if there is none."""
    own = Path(sys.argv[0]).resolve()
    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep):
        candidate = Path(directory, "ros2")
        if candidate.is_file() and os.access(candidate, os.X_OK) and candidate.resolve() != own:
            print(f"ros2-embedded: a real ROS 2 is present, using {candidate}", file=sys.stderr)
            os.execv(candidate, [str(candidate), *sys.argv[1:]])
    return (
        "ros2-embedded: a real rclpy is importable, so this runtime steps aside, but no other "
        "'ros2' command is on the PATH. Source the setup file of that ROS 2"
    )
