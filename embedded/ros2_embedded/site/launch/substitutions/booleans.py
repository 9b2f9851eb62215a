"""Logic on texts that read as booleans."""

from __future__ import annotations

import math
from typing import Any

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .values import SubstitutionFailure, describe_parts, substitutions_of


def perform_boolean(context: LaunchContext, parts: list[Substitution]) -> bool:
    """Compute substitutions as a boolean.

    Raises SubstitutionFailure if the text is not one.
    """
    from launch.utilities.type_utils import perform_typed_substitution

    try:
        return bool(perform_typed_substitution(context, parts, bool))
    except (TypeError, ValueError) as error:
        raise SubstitutionFailure(str(error)) from error


def boolean_text(value: bool) -> str:
    """Write a boolean as launch files do."""
    return str(value).lower()


class NotSubstitution(Substitution):
    """The opposite of a boolean."""

    def __init__(self, value: SomeSubstitutionsType) -> None:
        self.__value = normalize_to_list_of_substitutions(value)

    def describe(self) -> str:
        return f"NotSubstitution({describe_parts(self.__value)})"

    def perform(self, context: LaunchContext) -> str:
        return boolean_text(not perform_boolean(context, self.__value))


class _PairSubstitution(Substitution):
    """What two texts come to together."""

    def __init__(self, left: SomeSubstitutionsType, right: SomeSubstitutionsType) -> None:
        self._left = normalize_to_list_of_substitutions(left)
        self._right = normalize_to_list_of_substitutions(right)

    def describe(self) -> str:
        name = self.__class__.__name__
        return f"{name}({describe_parts(self._left)} {describe_parts(self._right)})"

    def _booleans(self, context: LaunchContext) -> tuple[bool, bool]:
        return perform_boolean(context, self._left), perform_boolean(context, self._right)


class AndSubstitution(_PairSubstitution):
    """Whether both booleans hold."""

    def perform(self, context: LaunchContext) -> str:
        return boolean_text(all(self._booleans(context)))


class OrSubstitution(_PairSubstitution):
    """Whether at least one of two booleans holds."""

    def perform(self, context: LaunchContext) -> str:
        return boolean_text(any(self._booleans(context)))


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _equal(left: str, right: str) -> bool:
    """Compare two texts as booleans, as numbers or as they are."""
    first, second = _BOOLEANS.get(left.lower()), _BOOLEANS.get(right.lower())
    if first is not None and second is not None:
        return first == second
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


class EqualsSubstitution(_PairSubstitution):
    """Whether two values are equal as booleans, as numbers or as texts; None is an empty text."""

    def __init__(self, left: Any, right: Any) -> None:
        super().__init__(*(substitutions_of("" if v is None else v) for v in (left, right)))

    def _equals(self, context: LaunchContext) -> bool:
        return _equal(
            perform_substitutions(context, self._left), perform_substitutions(context, self._right)
        )

    def perform(self, context: LaunchContext) -> str:
        return boolean_text(self._equals(context))


class NotEqualsSubstitution(EqualsSubstitution):
    """Whether two values differ as booleans, as numbers or as texts."""

    def perform(self, context: LaunchContext) -> str:
        return boolean_text(not self._equals(context))


class IfElseSubstitution(Substitution):
    """One text if a condition holds, another if it does not."""

    def __init__(
        self,
        condition: SomeSubstitutionsType,
        if_value: SomeSubstitutionsType = "",
        else_value: SomeSubstitutionsType = "",
    ) -> None:
        self.__condition = normalize_to_list_of_substitutions(condition)
        self.__if_value = normalize_to_list_of_substitutions(if_value)
        self.__else_value = normalize_to_list_of_substitutions(else_value)
        if if_value == "" and else_value == "":
            raise RuntimeError("one of if_value and else_value must be given")

    def describe(self) -> str:
        parts = (self.__condition, self.__if_value, self.__else_value)
        return f"IfElseSubstitution({', '.join(describe_parts(part) for part in parts)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the chosen text."""
        chosen = perform_boolean(context, self.__condition)
        return perform_substitutions(context, self.__if_value if chosen else self.__else_value)
