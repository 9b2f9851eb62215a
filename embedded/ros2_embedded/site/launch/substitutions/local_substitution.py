"""A local of the launch context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.substitution import Substitution

from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class LocalSubstitution(Substitution):
    """The value of an expression on `context.locals`, such as `event.text`."""

    def __init__(self, expression: str, description: str | None = None) -> None:
        self.__expression = expression
        self.__description = description

    @property
    def expression(self) -> str:
        """The expression."""
        return self.__expression

    def describe(self) -> str:
        """Return a short description for people."""
        return f"LocalVar('{self.__description or self.expression}')"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if a local does not exist."""
        try:
            # Launch files are programs of their author; an expression in one is no new trust.
            return str(eval(f"_locals.{self.expression}", {"_locals": context.locals}))
        except AttributeError as error:
            raise SubstitutionFailure(str(error)) from error
