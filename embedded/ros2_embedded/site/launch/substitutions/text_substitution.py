"""A fixed text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.substitution import Substitution

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class TextSubstitution(Substitution):
    """A text that is known beforehand."""

    def __init__(self, *, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(
                f"TextSubstitution expected a text, got {text!r} of type '{type(text).__name__}'"
            )
        self.__text = text

    @property
    def text(self) -> str:
        """The text."""
        return self.__text

    def describe(self) -> str:
        """Return a short description for people."""
        return f"'{self.text}'"

    def perform(self, context: LaunchContext | None) -> str:
        """Return the text."""
        return self.text
