"""Where YAML launch descriptions come from."""

from .yaml_launch_description_source import YAMLLaunchDescriptionSource

__all__ = ["YAMLLaunchDescriptionSource"]
