"""Groups actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.entity import Entity
from launch.frontend.expose import expose_action
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType

from .pop_environment import PopEnvironment
from .pop_launch_configurations import PopLaunchConfigurations
from .push_environment import PushEnvironment
from .push_launch_configurations import PushLaunchConfigurations
from .reset_environment import ResetEnvironment
from .reset_launch_configurations import ResetLaunchConfigurations
from .set_launch_configuration import SetLaunchConfiguration

if TYPE_CHECKING:
    from launch.frontend import Parser
    from launch.launch_context import LaunchContext


@expose_action("group")
class GroupAction(Action):
    """Actions under one condition and, if scoped, with configurations of their own.

    With `forwarding` off, only `launch_configurations` are seen inside a scoped group.
    """

    def __init__(
        self,
        actions: Iterable[LaunchDescriptionEntity],
        *,
        scoped: bool = True,
        forwarding: bool = True,
        launch_configurations: Mapping[SomeSubstitutionsType, SomeSubstitutionsType] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__actions = list(actions)
        self.__scoped = scoped
        self.__forwarding = forwarding
        self.__launch_configurations = dict(launch_configurations or {})
        self.__entities: list[LaunchDescriptionEntity] | None = None

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `group`."""
        _, kwargs = super().parse(entity, parser)
        for name in ("scoped", "forwarding"):
            value = entity.get_attr(name, data_type=bool, optional=True, can_be_str=False)
            if value is not None:
                kwargs[name] = value
        kept = entity.get_attr("keep", data_type=list[Entity], optional=True)
        if kept is not None:
            kwargs["launch_configurations"] = {
                tuple(parser.parse_substitution(item.get_attr("name"))): (
                    parser.parse_substitution(item.get_attr("value"))
                )
                for item in kept
            }
            for item in kept:
                item.assert_entity_completely_parsed()
        children = [child for child in entity.children if child.type_name != "keep"]
        kwargs["actions"] = parser.parse_actions(children)
        return cls, kwargs

    def get_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the actions, with those around them that make the scope."""
        if self.__entities is None:
            self.__entities = self._scope()
        return self.__entities

    def _scope(self) -> list[LaunchDescriptionEntity]:
        """Put the actions into their scope."""
        settings = self.__launch_configurations
        sets = [SetLaunchConfiguration(name, value) for name, value in settings.items()]
        if not self.__scoped:
            return [*sets, *self.__actions]
        start: list[LaunchDescriptionEntity] = [PushLaunchConfigurations(), PushEnvironment()]
        if self.__forwarding:
            start += sets
        else:
            start += [ResetEnvironment(), ResetLaunchConfigurations(settings)]
        return [*start, *self.__actions, PopEnvironment(), PopLaunchConfigurations()]

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        """Return the actions."""
        return self.get_sub_entities()
