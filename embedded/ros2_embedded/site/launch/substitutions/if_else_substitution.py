"""A choice between two texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments, perform_boolean

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("if")
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

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[IfElseSubstitution], dict[str, Any]]:
        """Read the arguments of `$(if condition if_value else_value)`."""
        expect_arguments("if", data, 2, 3)
        return cls, dict(zip(("condition", "if_value", "else_value"), data, strict=False))

    @property
    def condition(self) -> list[Substitution]:
        """The condition."""
        return self.__condition

    @property
    def if_value(self) -> list[Substitution]:
        """The text if the condition holds."""
        return self.__if_value

    @property
    def else_value(self) -> list[Substitution]:
        """The text if the condition does not hold."""
        return self.__else_value

    def describe(self) -> str:
        """Return a short description for people."""
        parts = (self.condition, self.if_value, self.else_value)
        return f"IfElseSubstitution({', '.join(describe_parts(part) for part in parts)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the chosen text."""
        chosen = perform_boolean(context, self.condition)
        return perform_substitutions(context, self.if_value if chosen else self.else_value)
