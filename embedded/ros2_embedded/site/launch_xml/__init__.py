"""Launch files in XML."""

from .entity import Entity
from .launch_description_sources import XMLLaunchDescriptionSource
from .parser import Parser

__all__ = ["Entity", "Parser", "XMLLaunchDescriptionSource"]
