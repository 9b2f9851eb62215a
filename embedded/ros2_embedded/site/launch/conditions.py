"""Conditions of actions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from launch.condition import Condition
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class InvalidConditionExpressionError(Exception):
    """The text of a condition cannot be read as a boolean."""


_VALUES = {"true": True, "1": True, "false": False, "0": False}


def evaluate_condition_expression(
    context: LaunchContext, expression: Iterable[Substitution]
) -> bool:
    """Read `true`, `false`, `1` or `0`, in any case.

    Raises InvalidConditionExpressionError for any other text.
    """
    text = perform_substitutions(context, expression).strip()
    try:
        return _VALUES[text.lower()]
    except KeyError:
        raise InvalidConditionExpressionError(
            f"invalid condition expression '{text}': expected one of true, false, 1, 0"
        ) from None


class IfCondition(Condition):
    """Holds if a text reads true."""

    def __init__(self, predicate_expression: SomeSubstitutionsType) -> None:
        self.__expression = normalize_to_list_of_substitutions(predicate_expression)
        super().__init__(predicate=self._evaluate)

    def _evaluate(self, context: LaunchContext) -> bool:
        return evaluate_condition_expression(context, self.__expression)

    def describe(self) -> str:
        """Return a short description for people."""
        text = " + ".join(sub.describe() for sub in self.__expression)
        return f"{self.__class__.__name__}({text})"


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


class LaunchConfigurationNotEquals(LaunchConfigurationEquals):
    """Holds if a launch configuration does not have a value."""

    def _evaluate(self, context: LaunchContext) -> bool:
        return not super()._evaluate(context)


class UnlessCondition(IfCondition):
    """Holds if a text reads false."""

    def _evaluate(self, context: LaunchContext) -> bool:
        return not super()._evaluate(context)


__all__ = [
    "IfCondition",
    "InvalidConditionExpressionError",
    "LaunchConfigurationEquals",
    "LaunchConfigurationNotEquals",
    "UnlessCondition",
    "evaluate_condition_expression",
]
