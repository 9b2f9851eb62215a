"""Where XML launch descriptions come from."""

from .xml_launch_description_source import XMLLaunchDescriptionSource

__all__ = ["XMLLaunchDescriptionSource"]
