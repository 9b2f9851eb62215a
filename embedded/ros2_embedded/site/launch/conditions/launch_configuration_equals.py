"""A condition on a launch configuration."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from launch.condition import Condition
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class LaunchConfigurationEquals(Condition):
    """Holds if a launch configuration has a value; None stands for a configuration not set."""

    def __init__(
        self, launch_configuration_name: str, expected_value: SomeSubstitutionsType | None
    ) -> None:
        warnings.warn(
            f"{self.__class__.__name__} is deprecated: use IfCondition with EqualsSubstitution or "
            "NotEqualsSubstitution",
            UserWarning,
            stacklevel=2,
        )
        self.__name = launch_configuration_name
        self.__expected = (
            None if expected_value is None else normalize_to_list_of_substitutions(expected_value)
        )
        super().__init__(predicate=self._evaluate)

    def _evaluate(self, context: LaunchContext) -> bool:
        expected = (
            None if self.__expected is None else perform_substitutions(context, self.__expected)
        )
        return bool(context.launch_configurations.get(self.__name) == expected)
