"""Loads launch files of any language."""

from pathlib import Path

from launch.launch_description import LaunchDescription

from .frontend_launch_file_utilities import get_launch_description_from_frontend_launch_file
from .python_launch_file_utilities import get_launch_description_from_python_launch_file


def get_launch_description_from_any_launch_file(launch_file_path: str) -> LaunchDescription:
    """Load a launch file: Python if its name ends in .py, else by the front ends.

    Raises InvalidLaunchFileError if it is not valid, FileNotFoundError if there is none.
    """
    if not Path(launch_file_path).is_file():
        raise FileNotFoundError(f"launch file '{launch_file_path}' does not exist")
    if launch_file_path.endswith(".py"):
        return get_launch_description_from_python_launch_file(launch_file_path)
    return get_launch_description_from_frontend_launch_file(launch_file_path)
