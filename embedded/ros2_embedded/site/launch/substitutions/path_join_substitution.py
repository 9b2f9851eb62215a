"""A path made of parts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class PathJoinSubstitution(Substitution):
    """Parts joined with the separator of paths."""

    def __init__(self, substitutions: Iterable[SomeSubstitutionsType]) -> None:
        if isinstance(substitutions, (str, Substitution)):
            substitutions = [substitutions]
        self.__substitutions = [normalize_to_list_of_substitutions(part) for part in substitutions]

    @property
    def substitutions(self) -> list[list[Substitution]]:
        """The parts."""
        return self.__substitutions

    def describe(self) -> str:
        """Return a short description for people."""
        parts = " + ".join(describe_parts(part) for part in self.substitutions)
        return f"{self.__class__.__name__}({parts})"

    def __truediv__(self, additional: SomeSubstitutionsType) -> PathJoinSubstitution:
        """Return a path with a further part."""
        return PathJoinSubstitution([*self.substitutions, additional])

    def perform(self, context: LaunchContext) -> str:
        """Return the path."""
        parts = [perform_substitutions(context, part) for part in self.substitutions]
        return os.path.join(*parts)  # noqa: PTH118
