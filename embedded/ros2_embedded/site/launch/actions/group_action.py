"""Groups actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from launch.action import Action
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType

from .scoped_values import (
    PopEnvironment,
    PopLaunchConfigurations,
    PushEnvironment,
    PushLaunchConfigurations,
    SetLaunchConfiguration,
)


class GroupAction(Action):
    """Actions under one condition and, if scoped, with configurations of their own."""

    def __init__(
        self,
        actions: Iterable[LaunchDescriptionEntity],
        *,
        scoped: bool = True,
        launch_configurations: Mapping[SomeSubstitutionsType, SomeSubstitutionsType] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__actions = list(actions)
        self.__scoped = scoped
        self.__launch_configurations = dict(launch_configurations or {})
        self.__entities: list[LaunchDescriptionEntity] | None = None

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
        return [
            PushLaunchConfigurations(),
            PushEnvironment(),
            *sets,
            *self.__actions,
            PopEnvironment(),
            PopLaunchConfigurations(),
        ]

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        return self.get_sub_entities()
