"""A launch file in YAML."""

from launch.launch_description_sources import FrontendLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType

from launch_yaml.parser import Parser


class YAMLLaunchDescriptionSource(FrontendLaunchDescriptionSource):
    """Loads a launch file written in YAML."""

    def __init__(self, launch_file_path: SomeSubstitutionsType) -> None:
        super().__init__(launch_file_path, method="interpreted YAML launch file", parser=Parser)
