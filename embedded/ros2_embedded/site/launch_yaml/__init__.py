"""Launch files in YAML."""

from .entity import Entity
from .launch_description_sources import YAMLLaunchDescriptionSource
from .parser import Parser

__all__ = ["Entity", "Parser", "YAMLLaunchDescriptionSource"]
