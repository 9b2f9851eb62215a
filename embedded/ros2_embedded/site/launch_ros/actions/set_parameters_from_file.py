"""Sets parameters of several nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("set_parameters_from_file")
class SetParametersFromFile(Action):
    """Gives a parameter file to the nodes launched in this scope."""

    def __init__(self, filename: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__filename = normalize_to_list_of_substitutions(filename)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `set_parameters_from_file`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["filename"] = parser.parse_substitution(entity.get_attr("filename"))
        return cls, kwargs

    def execute(self, context: LaunchContext) -> None:
        """Note the file."""
        filename = perform_substitutions(context, self.__filename)
        known = context.launch_configurations.get("global_params", [])
        context.launch_configurations["global_params"] = [*known, filename]
