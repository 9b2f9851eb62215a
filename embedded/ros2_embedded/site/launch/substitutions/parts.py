"""What substitutions made of other substitutions share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from launch.substitution import Substitution

from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


def describe_parts(parts: Iterable[Substitution]) -> str:
    """Describe substitutions whose texts are joined."""
    return " + ".join(part.describe() for part in parts)


def expect_arguments(name: str, data: Sequence[Any], least: int, most: int) -> None:
    """Raise TypeError unless `$(name ...)` was given a fitting number of arguments."""
    if not least <= len(data) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise TypeError(f"$({name}) takes {wanted} argument(s), {len(data)} given")


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
