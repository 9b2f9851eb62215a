"""Sets a parameter of several nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions

from launch_ros.parameters_type import ParameterName
from launch_ros.utilities import evaluate_parameter_dict, normalize_parameter_dict

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("set_parameter")
class SetParameter(Action):
    """Sets a parameter of the nodes launched in this scope."""

    def __init__(self, name: SomeSubstitutionsType, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__parameters = normalize_parameter_dict(
            {tuple(normalize_to_list_of_substitutions(name)): value}
        )

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `set_parameter`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["name"] = parser.parse_substitution(entity.get_attr("name"))
        kwargs["value"] = parser.parse_substitution(entity.get_attr("value"))
        return cls, kwargs

    @property
    def name(self) -> ParameterName:
        """The name of the parameter."""
        return next(iter(self.__parameters))

    @property
    def value(self) -> Any:
        """The value."""
        return next(iter(self.__parameters.values()))

    def execute(self, context: LaunchContext) -> None:
        """Set the parameter."""
        parameters = evaluate_parameter_dict(context, self.__parameters)
        known = context.launch_configurations.get("global_params", [])
        # A new list: the one of the outer scope must stay as it is.
        context.launch_configurations["global_params"] = [*known, *parameters.items()]
