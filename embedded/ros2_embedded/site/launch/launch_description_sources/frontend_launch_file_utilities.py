"""Loads launch files of markup languages."""

from launch.frontend.parser import Parser
from launch.launch_description import LaunchDescription


def get_launch_description_from_frontend_launch_file(
    launch_file_path: str, *, parser: type[Parser] = Parser
) -> LaunchDescription:
    """Load a launch file. Raises InvalidFrontendLaunchFileError if it is not valid."""
    entity, implementation = parser.load(launch_file_path)
    return implementation.parse_description(entity)
