"""Launch descriptions of the launch tests: the package's launch files, with a journal of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import launch_testing.actions
from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from launch import LaunchDescription

LAUNCH = Path(get_package_share_directory("execution_orchestrator")) / "launch"


def included(name: str, **arguments: str) -> IncludeLaunchDescription:
    """Include a launch file of the package."""
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH / name)), launch_arguments=arguments.items()
    )


def alone(name: str = "demo.launch.py", **arguments: str) -> LaunchDescription:
    """Describe a test of one launch file that keeps its state in a new folder."""
    folder = tempfile.mkdtemp(prefix="orchestrator_test_")
    arguments = {"state_directory": folder, **arguments}
    return LaunchDescription([included(name, **arguments), launch_testing.actions.ReadyToTest()])
