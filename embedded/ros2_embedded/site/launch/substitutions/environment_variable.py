"""An environment variable."""

from __future__ import annotations

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


@expose_substitution("env")
class EnvironmentVariable(Substitution):
    """The value of an environment variable."""

    def __init__(
        self, name: SomeSubstitutionsType, *, default_value: SomeSubstitutionsType | None = None
    ) -> None:
        self.__name = normalize_to_list_of_substitutions(name)
        self.__default_value = (
            None if default_value is None else normalize_to_list_of_substitutions(default_value)
        )

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[EnvironmentVariable], dict[str, Any]]:
        """Read the arguments of `$(env name default)`."""
        expect_arguments("env", data, 1, 2)
        return cls, dict(zip(("name", "default_value"), data, strict=False))

    @property
    def name(self) -> list[Substitution]:
        """The name of the variable."""
        return self.__name

    @property
    def default_value(self) -> list[Substitution] | None:
        """The value if the variable is not set."""
        return self.__default_value

    def describe(self) -> str:
        """Return a short description for people."""
        return f"EnvVar({describe_parts(self.name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if there is none and no default."""
        name = perform_substitutions(context, self.name)
        value = context.environment.get(name)
        if value is not None:
            return value
        if self.__default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return perform_substitutions(context, self.__default_value)
