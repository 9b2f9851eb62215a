"""Change launch configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class SetLaunchConfiguration(Action):
    """Sets a launch configuration when executed."""

    def __init__(
        self, name: SomeSubstitutionsType, value: SomeSubstitutionsType, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)
        self.__value = normalize_to_list_of_substitutions(value)

    def execute(self, context: LaunchContext) -> None:
        """Set the configuration."""
        name = perform_substitutions(context, self.__name)
        context.launch_configurations[name] = perform_substitutions(context, self.__value)


class UnsetLaunchConfiguration(Action):
    """Removes a launch configuration when executed."""

    def __init__(self, name: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)

    def execute(self, context: LaunchContext) -> None:
        """Remove the configuration, if it is set."""
        context.launch_configurations.pop(perform_substitutions(context, self.__name), None)


class PushLaunchConfigurations(Action):
    """Remembers the launch configurations."""

    def execute(self, context: LaunchContext) -> None:
        """Remember them."""
        context._push_launch_configurations()


class PopLaunchConfigurations(Action):
    """Brings back the launch configurations of the last PushLaunchConfigurations."""

    def execute(self, context: LaunchContext) -> None:
        """Bring them back."""
        context._pop_launch_configurations()


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

    def execute(self, context: LaunchContext) -> None:
        """Clear them."""
        kept = {
            perform_substitutions(context, name): perform_substitutions(context, value)
            for name, value in self.__kept
        }
        context.launch_configurations.clear()
        context.launch_configurations.update(kept)
