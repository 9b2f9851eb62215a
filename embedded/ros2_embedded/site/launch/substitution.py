"""The base of texts that are only known at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .launch_context import LaunchContext


class Substitution:
    """A text computed from the launch context when it is needed."""

    def describe(self) -> str:
        """Return a short description for people."""
        return self.__class__.__name__

    def perform(self, context: LaunchContext) -> str:
        """Compute the text.

        Raises SubstitutionFailure when the context lacks what is needed.
        """
        raise NotImplementedError(f"{self.__class__.__name__} does not define perform()")
