"""Reads `$(name argument ...)` in the texts of launch files."""

from __future__ import annotations

import re
from typing import Any

from launch.substitution import Substitution
from launch.utilities.type_utils import NormalizedValueType, normalize_typed_substitution

from .expose import instantiate_substitution

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def replace_escaped_characters(data: str) -> str:
    """Take the backslash from the characters it protects."""
    return re.sub(r"\\(.)", r"\1", data, flags=re.DOTALL)


def parse_substitution(text: str) -> list[Substitution]:
    """Split a text into fixed texts and substitutions.

    Raises ValueError naming the place where a substitution is not well formed.
    """
    from launch.substitutions.text_substitution import TextSubstitution

    if not text:
        return [TextSubstitution(text="")]
    return _Scanner(text).template()


def parse_if_substitutions(value: Any) -> NormalizedValueType:
    """Split a text, or each text of a list; leave values of other types as they are.

    Raises ValueError for a list of values of several types.
    """
    if isinstance(value, str):
        return _plain_if_possible(value)
    if isinstance(value, list):
        if len({type(item) for item in value if not isinstance(item, str)}) > 1:
            raise ValueError(f"{value!r} is not a list of values of one type")
        parsed = [_plain_if_possible(item) if isinstance(item, str) else item for item in value]
        return normalize_typed_substitution(parsed, None)
    return normalize_typed_substitution(value, None)


def _plain_if_possible(text: str) -> str | list[Substitution]:
    """Split a text; return the text itself if there is nothing to compute in it."""
    from launch.substitutions.text_substitution import TextSubstitution

    parts = parse_substitution(text)
    if all(isinstance(part, TextSubstitution) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, TextSubstitution))
    return parts


class _Scanner:
    """A recursive descent through one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def template(self) -> list[Substitution]:
        """Read to the end of the text."""
        return self._parts(until="")

    def _parts(self, until: str) -> list[Substitution]:
        """Read texts and substitutions up to one of some characters."""
        from launch.substitutions.text_substitution import TextSubstitution

        parts: list[Substitution] = []
        literal = ""
        while self._at < len(self._text) and self._text[self._at] not in until:
            if self._text.startswith("$(", self._at):
                if literal:
                    parts.append(TextSubstitution(text=literal))
                    literal = ""
                parts.append(self._substitution(until))
            else:
                if self._text[self._at] == "\\" and self._at + 1 < len(self._text):
                    self._at += 1
                literal += self._text[self._at]
                self._at += 1
        if literal:
            parts.append(TextSubstitution(text=literal))
        return parts

    def _substitution(self, until: str) -> Substitution:
        """Read `$(name argument ...)`; within a quoted text, other quotes are ordinary characters."""
        quote = next((character for character in until if character in "'\""), "")
        start = self._at
        self._at += 2
        name = _NAME.match(self._text, self._at)
        if name is None:
            raise self._error(start, "expected the name of a substitution after '$('")
        self._at = name.end()
        arguments: list[list[Substitution]] = []
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] != " ":
                raise self._error(start, "expected a blank between arguments")
            while self._text.startswith(" ", self._at):
                self._at += 1
            if not self._text.startswith(")", self._at):
                arguments.append(
                    self._parts(until=f" ){quote}") if quote else self._argument(start)
                )
        if self._at >= len(self._text):
            raise self._error(start, "')' is missing")
        self._at += 1
        return instantiate_substitution(name.group(), arguments)

    def _argument(self, start: int) -> list[Substitution]:
        """Read one argument, quoted or not."""
        quote = self._text[self._at : self._at + 1]
        if quote not in ("'", '"') or not quote:
            return self._parts(until=" )")
        self._at += 1
        parts = self._parts(until=quote)
        if not self._text.startswith(quote, self._at):
            raise self._error(start, f"the closing {quote} is missing")
        self._at += 1
        from launch.substitutions.text_substitution import TextSubstitution

        return parts or [TextSubstitution(text="")]

    def _error(self, at: int, message: str) -> ValueError:
        """Describe a mistake and its place."""
        return ValueError(f"in '{self._text}' at column {at + 1}: {message}")
