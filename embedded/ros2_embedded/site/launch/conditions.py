"""Conditions of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions


class Condition:
    """Decides at run time whether an action is executed."""

    def __init__(self, *, predicate: Callable[[LaunchContext], bool] | None = None) -> None:
        self._predicate = predicate

    def evaluate(self, context: LaunchContext) -> bool:
        """Decide; without a predicate the condition does not hold."""
        return self._predicate is not None and self._predicate(context)


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


class UnlessCondition(IfCondition):
    """Holds if a text reads false."""

    def _evaluate(self, context: LaunchContext) -> bool:
        return not super()._evaluate(context)
