"""Equality of two values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import boolean_text, describe_parts, expect_arguments

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _as_substitutions(value: Any) -> list[Substitution]:
    """Make substitutions of a value that may also be a number or a boolean."""
    if value is None:
        value = ""
    if isinstance(value, (str, Path, Substitution)):
        return normalize_to_list_of_substitutions(value)
    if isinstance(value, Iterable):
        parts: list[str | Path | Substitution] = []
        for part in value:
            parts.append(part if isinstance(part, (str, Path, Substitution)) else str(part))
        return normalize_to_list_of_substitutions(parts)
    return normalize_to_list_of_substitutions(str(value))


def _equal(left: str, right: str) -> bool:
    """Compare two texts as booleans, as numbers or as they are."""
    first, second = _BOOLEANS.get(left.lower()), _BOOLEANS.get(right.lower())
    if first is not None and second is not None:
        return first == second
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


@expose_substitution("equals")
class EqualsSubstitution(Substitution):
    """Whether two values are equal as booleans, as numbers or as texts."""

    def __init__(self, left: Any, right: Any) -> None:
        self.__left = _as_substitutions(left)
        self.__right = _as_substitutions(right)

    @classmethod
    def parse(
        cls, data: Sequence[SomeSubstitutionsType]
    ) -> tuple[type[EqualsSubstitution], dict[str, Any]]:
        """Read the two arguments."""
        expect_arguments("equals", data, 2, 2)
        return cls, {"left": data[0], "right": data[1]}

    @property
    def left(self) -> list[Substitution]:
        """The first value."""
        return self.__left

    @property
    def right(self) -> list[Substitution]:
        """The second value."""
        return self.__right

    def describe(self) -> str:
        """Return a short description for people."""
        name = self.__class__.__name__
        return f"{name}({describe_parts(self.left)} {describe_parts(self.right)})"

    def _equals(self, context: LaunchContext) -> bool:
        return _equal(
            perform_substitutions(context, self.left), perform_substitutions(context, self.right)
        )

    def perform(self, context: LaunchContext) -> str:
        """Return `true` or `false`."""
        return boolean_text(self._equals(context))
