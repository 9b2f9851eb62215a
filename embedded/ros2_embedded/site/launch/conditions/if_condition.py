"""A condition on a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.condition import Condition
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions

from .evaluate_condition_expression_impl import evaluate_condition_expression

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


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
