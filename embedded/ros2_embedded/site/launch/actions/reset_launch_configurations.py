"""Clears the launch configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.entity import Entity
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.frontend import Parser
    from launch.launch_context import LaunchContext


@expose_action("reset")
class ResetLaunchConfigurations(Action):
    """Clears all launch configurations but those given."""

    def __init__(
        self,
        launch_configurations: Mapping[SomeSubstitutionsType, SomeSubstitutionsType] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__kept = [
            (normalize_to_list_of_substitutions(name), normalize_to_list_of_substitutions(value))
            for name, value in (launch_configurations or {}).items()
        ]

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `reset`."""
        _, kwargs = super().parse(entity, parser)
        kept = entity.get_attr("keep", data_type=list[Entity], optional=True) or []
        kwargs["launch_configurations"] = {
            tuple(parser.parse_substitution(item.get_attr("name"))): (
                parser.parse_substitution(item.get_attr("value"))
            )
            for item in kept
        }
        for item in kept:
            item.assert_entity_completely_parsed()
        return cls, kwargs

    def execute(self, context: LaunchContext) -> None:
        """Clear them."""
        kept = {
            perform_substitutions(context, name): perform_substitutions(context, value)
            for name, value in self.__kept
        }
        context.launch_configurations.clear()
        context.launch_configurations.update(kept)
