"""Logic on texts that read as booleans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions

from .parts import boolean_text, describe_parts, expect_arguments, perform_boolean

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("not")
class NotSubstitution(Substitution):
    """The opposite of a boolean."""

    def __init__(self, value: SomeSubstitutionsType) -> None:
        self.__value = normalize_to_list_of_substitutions(value)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[NotSubstitution], dict[str, Any]]:
        """Read the arguments of `$(not value)`."""
        expect_arguments("not", data, 1, 1)
        return cls, {"value": data[0]}

    @property
    def value(self) -> list[Substitution]:
        """The boolean."""
        return self.__value

    def describe(self) -> str:
        """Return a short description for people."""
        return f"NotSubstitution({describe_parts(self.value)})"

    def perform(self, context: LaunchContext) -> str:
        """Return `true` or `false`."""
        return boolean_text(not perform_boolean(context, self.value))


class _PairSubstitution(Substitution):
    """Two booleans combined."""

    def __init__(self, left: SomeSubstitutionsType, right: SomeSubstitutionsType) -> None:
        self.__left = normalize_to_list_of_substitutions(left)
        self.__right = normalize_to_list_of_substitutions(right)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[_PairSubstitution], dict[str, Any]]:
        """Read the two arguments."""
        expect_arguments(cls.__name__, data, 2, 2)
        return cls, {"left": data[0], "right": data[1]}

    @property
    def left(self) -> list[Substitution]:
        """The first boolean."""
        return self.__left

    @property
    def right(self) -> list[Substitution]:
        """The second boolean."""
        return self.__right

    def describe(self) -> str:
        """Return a short description for people."""
        name = self.__class__.__name__
        return f"{name}({describe_parts(self.left)} {describe_parts(self.right)})"

    def _performed(self, context: LaunchContext) -> tuple[bool, bool]:
        return perform_boolean(context, self.left), perform_boolean(context, self.right)


@expose_substitution("and")
class AndSubstitution(_PairSubstitution):
    """Whether both booleans hold."""

    def perform(self, context: LaunchContext) -> str:
        """Return `true` or `false`."""
        return boolean_text(all(self._performed(context)))


@expose_substitution("or")
class OrSubstitution(_PairSubstitution):
    """Whether at least one of two booleans holds."""

    def perform(self, context: LaunchContext) -> str:
        """Return `true` or `false`."""
        return boolean_text(any(self._performed(context)))
