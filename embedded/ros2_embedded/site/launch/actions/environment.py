"""Change the environment of the processes started from here on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


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
        """Extend the variable."""
        name = perform_substitutions(context, self.__name)
        parts = [perform_substitutions(context, self.__value)]
        if name in context.environment:
            at_front = perform_typed_substitution(context, self.__prepend, bool)
            parts.insert(1 if at_front else 0, context.environment[name])
        context.environment[name] = perform_substitutions(context, self.__separator).join(parts)


class SetEnvironmentVariable(Action):
    """Sets an environment variable for the processes started from here on."""

    def __init__(
        self, name: SomeSubstitutionsType, value: SomeSubstitutionsType, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)
        self.__value = normalize_to_list_of_substitutions(value)

    def execute(self, context: LaunchContext) -> None:
        """Set the variable."""
        name = perform_substitutions(context, self.__name)
        context.environment[name] = perform_substitutions(context, self.__value)


class UnsetEnvironmentVariable(Action):
    """Removes an environment variable for the processes started from here on."""

    def __init__(self, name: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)

    def execute(self, context: LaunchContext) -> None:
        """Remove the variable, if it is set."""
        context.environment.pop(perform_substitutions(context, self.__name), None)


class PushEnvironment(Action):
    """Remembers the environment."""

    def execute(self, context: LaunchContext) -> None:
        """Remember it."""
        context._push_environment()


class PopEnvironment(Action):
    """Brings back the environment of the last PushEnvironment."""

    def execute(self, context: LaunchContext) -> None:
        """Bring it back."""
        context._pop_environment()


class ResetEnvironment(Action):
    """Brings back the environment the launch service started with."""

    def execute(self, context: LaunchContext) -> None:
        """Bring it back."""
        context._reset_environment()
