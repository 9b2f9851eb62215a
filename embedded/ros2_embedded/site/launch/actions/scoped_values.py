"""Change launch configurations, and the environment of the processes started from here on."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any

from launch.action import Action
from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution


def _configurations(context: LaunchContext) -> MutableMapping[str, Any]:
    return context.launch_configurations


def _environment(context: LaunchContext) -> MutableMapping[str, str]:
    return context.environment


class _Set(Action):
    """Sets a value in what `_values` returns."""

    _values = staticmethod(_configurations)

    def __init__(
        self, name: SomeSubstitutionsType, value: SomeSubstitutionsType, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)
        self.__value = normalize_to_list_of_substitutions(value)

    def execute(self, context: LaunchContext) -> None:
        name = perform_substitutions(context, self.__name)
        self._values(context)[name] = perform_substitutions(context, self.__value)


class SetLaunchConfiguration(_Set):
    """Sets a launch configuration when executed."""


class SetEnvironmentVariable(_Set):
    """Sets an environment variable for the processes started from here on."""

    _values = staticmethod(_environment)


class AppendEnvironmentVariable(Action):
    """Adds to the end of an environment variable, or to its beginning; sets it if it is not."""

    def __init__(
        self,
        name: SomeSubstitutionsType,
        value: SomeSubstitutionsType,
        prepend: bool | SomeSubstitutionsType = False,
        separator: SomeSubstitutionsType = os.pathsep,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)
        self.__value = normalize_to_list_of_substitutions(value)
        self.__prepend = normalize_typed_substitution(prepend, bool)
        self.__separator = normalize_to_list_of_substitutions(separator)

    def execute(self, context: LaunchContext) -> None:
        name = perform_substitutions(context, self.__name)
        parts = [perform_substitutions(context, self.__value)]
        if name in context.environment:
            at_front = perform_typed_substitution(context, self.__prepend, bool)
            parts.insert(1 if at_front else 0, context.environment[name])
        context.environment[name] = perform_substitutions(context, self.__separator).join(parts)


class PushEnvironment(Action):
    """Remembers the environment."""

    def execute(self, context: LaunchContext) -> None:
        context._push_environment()


class PopEnvironment(Action):
    """Brings back the environment of the last PushEnvironment."""

    def execute(self, context: LaunchContext) -> None:
        context._pop_environment()


class PushLaunchConfigurations(Action):
    """Remembers the launch configurations."""

    def execute(self, context: LaunchContext) -> None:
        context._push_launch_configurations()


class PopLaunchConfigurations(Action):
    """Brings back the launch configurations of the last PushLaunchConfigurations."""

    def execute(self, context: LaunchContext) -> None:
        context._pop_launch_configurations()
