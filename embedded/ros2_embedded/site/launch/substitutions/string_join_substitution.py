"""Texts joined with a delimiter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class StringJoinSubstitution(Substitution):
    """Texts joined with a delimiter between them."""

    def __init__(
        self,
        substitutions: Iterable[SomeSubstitutionsType],
        delimiter: SomeSubstitutionsType = "",
    ) -> None:
        self.__substitutions = [normalize_to_list_of_substitutions(part) for part in substitutions]
        self.__delimiter = normalize_to_list_of_substitutions(delimiter)

    @property
    def substitutions(self) -> list[list[Substitution]]:
        """The texts."""
        return self.__substitutions

    @property
    def delimiter(self) -> list[Substitution]:
        """What stands between them."""
        return self.__delimiter

    def describe(self) -> str:
        """Return a short description for people."""
        parts = ", ".join(describe_parts(part) for part in self.substitutions)
        return f"StringJoinSubstitution({parts})"

    def perform(self, context: LaunchContext) -> str:
        """Return the joined text."""
        delimiter = perform_substitutions(context, self.delimiter)
        return delimiter.join(perform_substitutions(context, part) for part in self.substitutions)
