"""CEL expressions and templates: compiled once, bounded, without attribute access to Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import cel

MAX_LENGTH = 4000  # characters of one expression
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ACTION = re.compile(r"\bactions\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_MACRO = re.compile(r"\.(?:exists_one|exists|all|map|filter)\(\s*([A-Za-z_]\w*)\s*,")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class ExpressionError(ValueError):
    """An expression cannot be read or has no value; the message says which and why."""


class Expression:
    """A compiled expression; ``actions`` are the ids of the actions it refers to."""

    __slots__ = ("_program", "actions", "names", "text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
        try:
            self._program = cel.compile(text)
        except Exception as failure:
            reason = str(failure).splitlines()[0][:300]
            raise ExpressionError(f"{text!r} is no expression: {reason}") from None
        self.text = text
        # What a macro such as exists(o, ...) introduces is known inside it.
        self.names = frozenset(self._program.variables()) - set(_MACRO.findall(text))
        found = {a or b for a, b in _ACTION.findall(_bare(text))}
        self.actions = frozenset(found)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return its value.

        Raises:
            ExpressionError: a name is unknown, or the types do not fit.

        """
        try:
            return self._program.execute(dict(scope))
        except Exception as failure:
            raise ExpressionError(f"{self.text!r} has no value: {failure}") from None


def _bare(text: str) -> str:
    """Blank the texts in quotes, except those that are keys in brackets."""
    return _STRINGS.sub(
        lambda m: m.group() if text[: m.start()].rstrip().endswith("[") else "''", text
    )


@lru_cache(maxsize=20_000)
def compile_expression(text: str) -> Expression:
    """Return the compiled expression.

    Raises:
        ExpressionError: it cannot be read.

    """
    return Expression(text)


def templates_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield (pointer, expression text) of every template inside a value."""
    if isinstance(value, str):
        for text in _TEMPLATE.findall(value):
            yield pointer, text.strip()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from templates_in(item, f"{pointer}/{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from templates_in(item, f"{pointer}/{index}")


def has_template(value: Any) -> bool:
    """Say whether there is a template anywhere in a value."""
    return next(templates_in(value), None) is not None


def render(value: Any, scope: Mapping[str, Any]) -> Any:
    """Return the value with its templates replaced; a text that is one template keeps its type.

    Raises:
        ExpressionError: a template has no value.

    """
    if isinstance(value, str):
        return _render_text(value, scope)
    if isinstance(value, Mapping):
        return {key: render(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render(item, scope) for item in value]
    return value


def _render_text(text: str, scope: Mapping[str, Any]) -> Any:
    whole = _TEMPLATE.fullmatch(text.strip())
    if whole and text.count("{{") == 1:
        return compile_expression(whole.group(1).strip()).evaluate(scope)
    return _TEMPLATE.sub(
        lambda m: _as_text(compile_expression(m.group(1).strip()).evaluate(scope)), text
    )


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_true(text: str, scope: Mapping[str, Any]) -> bool:
    """Evaluate a condition.

    Raises:
        ExpressionError: it has no value, or one that is neither true nor false.

    """
    value = compile_expression(text).evaluate(scope)
    if not isinstance(value, bool):
        raise ExpressionError(f"{text!r} is {value!r}, neither true nor false")
    return value
