"""The value of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import SubstitutionFailure
from launch.substitutions.launch_configuration import default_substitutions
from launch.substitutions.parts import describe_parts, expect_arguments
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("param")
class Parameter(Substitution):
    """The value of a parameter that SetParameter set in this scope."""

    def __init__(self, name: SomeSubstitutionsType, *, default: Any = None) -> None:
        self.__name = normalize_to_list_of_substitutions(name)
        self.__default = None if default is None else default_substitutions(default)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[Parameter], dict[str, Any]]:
        """Read the arguments of `$(param name default)`."""
        expect_arguments("param", data, 1, 2)
        return cls, dict(zip(("name", "default"), data, strict=False))

    @property
    def name(self) -> list[Substitution]:
        """The name of the parameter."""
        return self.__name

    def describe(self) -> str:
        """Return a short description for people."""
        return f"Parameter(name={describe_parts(self.name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if it is not set and has no default."""
        name = perform_substitutions(context, self.name)
        for item in context.launch_configurations.get("global_params", []):
            if isinstance(item, tuple) and item[0] == name:
                return str(item[1])
        if self.__default is None:
            raise SubstitutionFailure(f"parameter '{name}' not found")
        return perform_substitutions(context, self.__default)
