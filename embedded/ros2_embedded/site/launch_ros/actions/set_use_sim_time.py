"""Makes the launcher use simulated time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution

from launch_ros.ros_adapters import get_ros_node

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("set_use_sim_time")
class SetUseSimTime(Action):
    """Sets `use_sim_time` of the launcher's own node, for ROSTimer."""

    def __init__(self, value: bool | SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__value = normalize_typed_substitution(value, bool)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `set_use_sim_time`."""
        _, kwargs = super().parse(entity, parser)
        value = entity.get_attr("value", data_type=bool)
        kwargs["value"] = parser.parse_if_substitutions(value)
        return cls, kwargs

    @property
    def value(self) -> Any:
        """Whether simulated time is used."""
        return self.__value

    def execute(self, context: LaunchContext) -> None:
        """Set the parameter. Raises RuntimeError if the node refuses."""
        from rclpy.parameter import Parameter

        value = perform_typed_substitution(context, self.__value, bool)
        node = get_ros_node(context)
        (result,) = node.set_parameters([Parameter("use_sim_time", Parameter.Type.BOOL, value)])
        if not result.successful:
            raise RuntimeError(f"Failed to set use_sim_time parameter: {result.reason}")
