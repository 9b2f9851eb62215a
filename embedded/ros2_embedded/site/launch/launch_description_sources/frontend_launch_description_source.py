"""A launch file in a markup language."""

from __future__ import annotations

from launch.frontend.parser import Parser
from launch.launch_description import LaunchDescription
from launch.launch_description_source import LaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType

from .frontend_launch_file_utilities import get_launch_description_from_frontend_launch_file


class FrontendLaunchDescriptionSource(LaunchDescriptionSource):
    """Loads a launch file written in XML."""

    def __init__(
        self,
        launch_file_path: SomeSubstitutionsType,
        *,
        method: str = "interpreted frontend launch file",
        parser: type[Parser] = Parser,
    ) -> None:
        super().__init__(None, launch_file_path, method)
        self.__parser = parser

    def _get_launch_description(self, location: str) -> LaunchDescription:
        return get_launch_description_from_frontend_launch_file(location, parser=self.__parser)
