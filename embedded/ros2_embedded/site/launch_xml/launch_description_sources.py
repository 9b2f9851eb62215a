"""Where XML launch descriptions come from."""

from __future__ import annotations

from launch.launch_description_sources import FrontendLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType

from launch_xml.parser import Parser


class XMLLaunchDescriptionSource(FrontendLaunchDescriptionSource):
    """Loads a launch file written in XML."""

    def __init__(self, launch_file_path: SomeSubstitutionsType) -> None:
        super().__init__(launch_file_path, method="interpreted XML launch file", parser=Parser)


__all__ = ["XMLLaunchDescriptionSource"]
