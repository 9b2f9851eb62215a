"""An executable on the path."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments
from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("find-exec")
class FindExecutable(Substitution):
    """The full path of an executable on the PATH."""

    def __init__(self, *, name: SomeSubstitutionsType) -> None:
        self.__name = normalize_to_list_of_substitutions(name)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[FindExecutable], dict[str, Any]]:
        """Read the argument of `$(find-exec name)`."""
        expect_arguments("find-exec", data, 1, 1)
        return cls, {"name": data[0]}

    @property
    def name(self) -> list[Substitution]:
        """The name of the executable."""
        return self.__name

    def describe(self) -> str:
        """Return a short description for people."""
        return f"FindExec({describe_parts(self.name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the path. Raises SubstitutionFailure if it is not on the PATH."""
        name = perform_substitutions(context, self.name)
        path = shutil.which(name)
        if path is None:
            raise SubstitutionFailure(f"executable '{name}' not found on the PATH")
        return path
