"""Removes an environment variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("unset_env")
class UnsetEnvironmentVariable(Action):
    """Removes an environment variable for the processes started from here on."""

    def __init__(self, name: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `unset_env`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["name"] = parser.parse_substitution(entity.get_attr("name"))
        return cls, kwargs

    @property
    def name(self) -> list[Substitution]:
        """The name of the variable."""
        return self.__name

    def execute(self, context: LaunchContext) -> None:
        """Remove the variable, if it is set."""
        context.environment.pop(perform_substitutions(context, self.name), None)
