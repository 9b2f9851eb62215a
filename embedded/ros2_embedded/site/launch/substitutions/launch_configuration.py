"""A launch configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments
from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("var")
class LaunchConfiguration(Substitution):
    """The value of a launch configuration, such as a launch argument."""

    def __init__(
        self,
        variable_name: SomeSubstitutionsType,
        *,
        default: Any | Iterable[Any] | None = None,
    ) -> None:
        self.__variable_name = normalize_to_list_of_substitutions(variable_name)
        self.__default = None if default is None else default_substitutions(default)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[LaunchConfiguration], dict[str, Any]]:
        """Read the arguments of `$(var name default)`."""
        expect_arguments("var", data, 1, 2)
        return cls, dict(zip(("variable_name", "default"), data, strict=False))

    @property
    def variable_name(self) -> list[Substitution]:
        """The name of the configuration."""
        return self.__variable_name

    def describe(self) -> str:
        """Return a short description for people."""
        return f"LaunchConfig({describe_parts(self.variable_name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if it is not set and has no default."""
        name = perform_substitutions(context, self.variable_name)
        if name in context.launch_configurations:
            return str(context.launch_configurations[name])
        if self.__default is None:
            raise SubstitutionFailure(f"launch configuration '{name}' does not exist")
        return perform_substitutions(context, self.__default)


def default_substitutions(default: Any) -> list[Substitution]:
    """Make substitutions of a default that may be of any type."""
    if isinstance(default, (str, Path, Substitution)) or not isinstance(default, Iterable):
        default = (default,)
    return normalize_to_list_of_substitutions(
        [part if isinstance(part, (str, Path, Substitution)) else str(part) for part in default]
    )
