"""CEL expressions and templates: compiled once, bounded, without attribute access to Python."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from types import ModuleType
from typing import Any

from execution_orchestrator.plan.expression_cost import (
    MACRO,
    MAX_STEPS,
    literal_size,
    macro_depth,
    steps,
)

MAX_LENGTH = 4000  # characters of one expression
SHORT = 200
NOW = "now"  # the one function that plans have besides those of CEL
_ACTION = re.compile(r"\bactions\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_READ = re.compile(rf"{_ACTION.pattern}\s*\.\s*(\w+)")
_POSITION = re.compile(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?(.*)")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_QUOTE = re.compile(r"['\"]")
# A text in quotes, which stays; the id of an action; a number, and what is behind its point.
_OPEN = re.compile(
    r"""'[^'\n]*'|"[^"\n]*"|(?<![\w.])actions\.([A-Za-z_]\w*)(?!\w|\s*\()"""
    r"""|(?<![\w.])((?:0|[1-9]\d{0,8})(\.\d{1,9})?)(?![\w.])""",
    re.ASCII,
)
_WORDS = frozenset({"in", "true", "false", "null"})  # that CEL takes for no name behind a dot
PLACEHOLDER = "id__"
_NUMBER, _DIGITS = "90000000", 8  # the first digits of a placeholder number, and how many follow


def _without_its_program() -> ModuleType:
    """Import cel, but not its command-line program.

    The package imports that at once, and with it a terminal library: 0.3 s of processor time in
    every process that reads a plan.
    """
    program = "cel.cli"
    if program in sys.modules:
        return importlib.import_module("cel")
    sys.modules[program] = ModuleType(program)
    try:
        return importlib.import_module("cel")
    finally:
        del sys.modules[program]


cel = _without_its_program()


class ExpressionError(ValueError):
    """An expression cannot be read or has no value; the message says which and why."""


class UnknownValueError(ExpressionError):
    """The expression names a value that is not there (yet), such as a topic without a message."""

    def __init__(self, text: str, name: str) -> None:
        self.missing = f"{name} is not known"
        super().__init__(f"{text!r} has no value: {self.missing}")


class Expression:
    """A compiled expression; ``actions`` are the ids of the actions it refers to.

    ``shape`` is what it shares with those that differ in ids of actions and numbers only, and
    ``left_open`` are its own of these (see shape_of).
    """

    __slots__ = ("_program", "_used", "actions", "left_open", "names", "shape", "text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
        shape, left_open = shape_of(text)
        # What is of the same shape is an expression as well; it is compiled when it is needed.
        self._program: Any = None
        self._used: frozenset[str] | None = None
        shared: Shape | None = None
        if left_open:
            with suppress(ExpressionError):
                shared = _shape(shape)
        if shared is None:
            left_open = ()
            self._program = _compiled(text)
        self.shape = shared or Shape(self._program, text)
        self.left_open = left_open
        self.names = self.shape.names
        self.text = text
        self.actions = _actions_in(text, shape, left_open)
        self._limit_steps({})

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return its value.

        Raises:
            ExpressionError: a name is unknown, the types do not fit, or it takes too many steps.

        """
        self._limit_steps(scope)
        if self._program is None:
            self._program = _compiled(self.text)
        if self._used is None:
            # Each value is converted, and a scope may have one of thousands of actions or tasks.
            self._used = frozenset((*self._program.variables(), *self._program.functions()))
        try:
            return self._program.execute(
                {name: scope[name] for name in self._used if name in scope}
            )
        except KeyError as failure:
            raise UnknownValueError(self.text, str(failure.args[0])) from None
        except Exception as failure:
            why = self._without_output(scope) or failure
            raise ExpressionError(f"{self.text!r} has no value: {why}") from None

    def _without_output(self, scope: Mapping[str, Any]) -> str:
        """Say which action has no output that it needs, because it was skipped or failed."""
        actions = scope.get("actions")
        for name in sorted(self.actions):
            known = actions.get(name) if isinstance(actions, Mapping) else None
            if not isinstance(known, Mapping) or known.get("output") is not None:
                continue
            if reads(self.text, name, "output"):
                status = known.get("status")
                ran = "it has not run" if status == "PENDING" else f"it is {status}"
                return f"{name} has no output: {ran}"
        return ""

    def _limit_steps(self, scope: Mapping[str, Any]) -> None:
        if self.shape.loops < 2:  # one loop over a list is bounded by the list
            return
        values = [scope[name] for name in self.names if name in scope]
        if steps(self.shape.loops, self.shape.longest, values) > MAX_STEPS:
            raise ExpressionError(
                f"{self.text!r} may take more than {MAX_STEPS} steps: "
                f"{self.shape.loops} loops stand inside each other"
            )


def reads(text: str, action: str, field: str = "") -> bool:
    """Return whether an expression reads a field of an action, such as ``output``; or any field."""
    return (action, field) in _read_in(text)


@lru_cache(maxsize=500)
def _read_in(text: str) -> frozenset[tuple[str, str]]:
    """Return (action, field) of all that an expression reads, with each action once without one."""
    found = [(bare or quoted, field) for bare, quoted, field in _READ.findall(text)]
    return frozenset((*found, *((action, "") for action, _ in found)))


@lru_cache(maxsize=500)
def shape_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return an expression with ids of actions and numbers left open, and what these are.

    Large plans say the same of many actions. Nothing is left open behind the first quote of a text
    whose quotes are not plain. A placeholder has its place among what is left open.
    """
    if PLACEHOLDER in text or _NUMBER in text:
        return text, ()
    end = len(text)
    if "\\" in text or "'''" in text or '"""' in text:
        quote = _QUOTE.search(text)
        end = end if quote is None else quote.start()
    left_open: list[str] = []

    def opened(match: re.Match[str]) -> str:
        name, number, behind_point = match.groups()
        if name is None and number is None:
            return match.group()
        place = len(left_open)
        left_open.append(name or number)
        if name is not None:
            return f"actions.{PLACEHOLDER}{place}"
        return f"{_NUMBER}{place:0{_DIGITS}}{'.5' if behind_point else ''}"

    shape = _OPEN.sub(opened, text[:end])
    if not left_open or not _WORDS.isdisjoint(left_open):
        return text, ()
    return shape + text[end:], tuple(left_open)


def as_it_is_written(token: str, left_open: Sequence[str]) -> str:
    """Return a name or a number of an expression's shape as the expression has it."""
    if not left_open:
        return token
    if token.startswith(PLACEHOLDER):
        return left_open[int(token[len(PLACEHOLDER) :])]
    if token.startswith(_NUMBER):
        return left_open[int(token[len(_NUMBER) : len(_NUMBER) + _DIGITS])]
    return token


def _actions_in(text: str, shape: str, left_open: Sequence[str]) -> frozenset[str]:
    """Return the ids of the actions that an expression refers to."""
    if left_open and text.count("actions") == shape.count(f"actions.{PLACEHOLDER}"):
        return frozenset(one for one in left_open if not one[0].isdigit())
    return frozenset(a or b for a, b in _ACTION.findall(_bare(text)))


def _compiled(text: str) -> Any:
    try:
        return cel.compile(text)
    except Exception as failure:
        raise ExpressionError(f"{text!r} is no expression: {_reason(failure)}") from None


def _names_in(program: Any, text: str) -> frozenset[str]:
    # What a macro such as exists(o, ...) introduces is known inside it.
    names = frozenset(program.variables()) - set(MACRO.findall(text))
    return names | {NOW} if NOW in program.functions() else names


class Shape:
    """The names in an expression, how deep its loops are nested, and the size of a list in it."""

    __slots__ = ("longest", "loops", "names")

    def __init__(self, program: Any, text: str) -> None:
        self.names = _names_in(program, text)
        blank = _STRINGS.sub("''", text)
        self.loops, self.longest = macro_depth(blank), literal_size(blank)


@lru_cache(maxsize=2000)
def _shape(text: str) -> Shape:
    return Shape(_compiled(text), text)


def _reason(failure: Exception) -> str:
    """Return where an expression stops making sense, without the parser's list of its tokens."""
    first = str(failure).splitlines()[0]
    found = _POSITION.search(first)
    if found is None:
        return first[:300]
    message = found.group(2).partition(" expecting {")[0].replace("'<EOF>'", "its end")
    return f"at character {found.group(1)}: {message}"


def _bare(text: str) -> str:
    """Blank the texts in quotes, except those that are keys in brackets."""
    if "'" not in text and '"' not in text:
        return text
    return _STRINGS.sub(
        lambda m: m.group() if text[: m.start()].rstrip().endswith("[") else "''", text
    )


def compile_expression(text: str) -> Expression:
    """Return the compiled expression.

    Raises:
        ExpressionError: it cannot be read.

    """
    return _short(text) if len(text) <= SHORT else _long(text)


# Many short ones are kept, and few long ones: together a bounded number of characters.
_short = lru_cache(maxsize=20_000)(Expression)
_long = lru_cache(maxsize=500)(Expression)


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each piece of a text and the expression of the template behind it, None at the end."""
    at = 0
    while (begin := text.find("{{", at)) >= 0 and (end := text.find("}}", begin + 2)) >= 0:
        yield text[at:begin], text[begin + 2 : end].strip()
        at = end + 2
    yield text[at:], None


def is_unclosed(text: str) -> bool:
    """Return whether a text has a template that is not closed."""
    *_, (rest, _) = pieces(text)
    return "{{" in rest


def texts_in(value: Any, pointer: str = "") -> list[tuple[str, str]]:
    """Return (pointer, text) of every text inside a value in which a template begins."""
    found: list[tuple[str, str]] = []
    _collect(value, pointer, found)
    return found


def _collect(value: Any, pointer: str, found: list[tuple[str, str]]) -> None:
    if isinstance(value, str):
        if "{{" in value:
            found.append((pointer, value))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, _WITH_TEXTS):
                _collect(item, f"{pointer}/{key}", found)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if isinstance(item, _WITH_TEXTS):
                _collect(item, f"{pointer}/{index}", found)


_WITH_TEXTS = (str, dict, list, tuple)


def templates_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield (pointer, expression text) of every template inside a value."""
    for at, text in texts_in(value, pointer):
        for _, expression in pieces(text):
            if expression is not None:
                yield at, expression


def has_template(value: Any) -> bool:
    """Return whether a value contains a template."""
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
    if "{{" not in text:
        return text
    whole = single_template(text)
    if whole is not None:
        return compile_expression(whole).evaluate(scope)
    made = []
    for before, expression in pieces(text):
        made.append(before)
        if expression is not None:
            made.append(as_text(compile_expression(expression).evaluate(scope)))
    return "".join(made)


def single_template(text: str) -> str | None:
    """Return the expression of a text that is one template and nothing else."""
    found = list(islice(pieces(text.strip()), 3))
    if len(found) == 2 and found[0][0] == found[1][0] == "":
        return found[0][1]
    return None


def as_text(value: Any) -> str:
    """Return a value as text, for a template inside a longer text."""
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
