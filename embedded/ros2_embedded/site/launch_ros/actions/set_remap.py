"""Sets a remapping of several nodes."""

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


@expose_action("set_remap")
class SetRemap(Action):
    """Adds a remapping for the nodes launched in this scope."""

    def __init__(
        self, src: SomeSubstitutionsType, dst: SomeSubstitutionsType, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.__src = normalize_to_list_of_substitutions(src)
        self.__dst = normalize_to_list_of_substitutions(dst)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `set_remap`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["src"] = parser.parse_substitution(entity.get_attr("from"))
        kwargs["dst"] = parser.parse_substitution(entity.get_attr("to"))
        return cls, kwargs

    @property
    def src(self) -> list[Substitution]:
        """The name that is replaced."""
        return self.__src

    @property
    def dst(self) -> list[Substitution]:
        """The name it is replaced by."""
        return self.__dst

    def execute(self, context: LaunchContext) -> None:
        """Add the remapping."""
        rule = (
            perform_substitutions(context, self.src),
            perform_substitutions(context, self.dst),
        )
        known = context.launch_configurations.get("ros_remaps", [])
        context.launch_configurations["ros_remaps"] = [*known, rule]
