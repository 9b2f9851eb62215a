"""Sets where nodes log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.logging.launch_config import base_log_directory
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("set_ros_log_dir")
class SetROSLogDir(Action):
    """Sets the log directory of the nodes launched in this scope."""

    def __init__(self, new_log_dir: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__log_dir = normalize_to_list_of_substitutions(new_log_dir)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `set_ros_log_dir`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["new_log_dir"] = parser.parse_substitution(entity.get_attr("new_log_dir"))
        return cls, kwargs

    @property
    def log_dir(self) -> list[Substitution]:
        """The directory."""
        return self.__log_dir

    def execute(self, context: LaunchContext) -> None:
        """Set the directory; a relative one is below the present one."""
        directory = base_log_directory() / perform_substitutions(context, self.log_dir)
        context.environment["ROS_LOG_DIR"] = str(directory)
