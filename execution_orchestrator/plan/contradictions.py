"""Conditions that can never hold, because two of their comparisons exclude each other.

Only what is joined by ``&&`` and compares a value of ``robot`` or ``input`` with a constant number
is judged: ``robot.battery > 0.5 && robot.battery < 0.2``. The same comparisons tell of a number
that a value never comes to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.expression_check import syntax_tree
from execution_orchestrator.plan.expression_types import Type
from execution_orchestrator.plan.expressions import as_it_is_written

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ROOTS = frozenset({"robot", "input"})


@dataclass
class _Range:
    """The numbers that a value may still have; the bounds themselves if they are included."""

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def narrow(self, sign: str, number: float) -> None:
        included = sign in ("<=", ">=", "==")
        if sign in (">", ">=", "==") and (number, not included) >= (self.low, not self.with_low):
            self.low, self.with_low = number, included
        if sign in ("<", "<=", "==") and (number, included) <= (self.high, self.with_high):
            self.high, self.with_high = number, included

    @property
    def empty(self) -> bool:
        if self.low == self.high:
            return not (self.with_low and self.with_high)
        return self.low > self.high


def out_of_range(text: str, names: Mapping[str, Type]) -> tuple[str, Type, bool] | None:
    """Return a value that is compared with a number it cannot be, its type, and what that gives."""
    with suppress(RecursionError):  # of what is nested that deeply nothing is said
        return _out_of_range(text, names)
    return None


def _out_of_range(text: str, names: Mapping[str, Type]) -> tuple[str, Type, bool] | None:
    tree, left_open = syntax_tree(text)
    for part in _every_part(tree) if tree is not None else ():
        compared = _compared(part, left_open)
        if compared is None:
            continue
        value, sign, number = compared
        found = _type_of(value, names)
        if found is None or found.bounds is None:
            continue
        holds, fails = _bounded(found.bounds), _bounded(found.bounds)
        holds.narrow(sign, number)
        if holds.empty:
            return value, found, False
        if sign in _OPPOSITE:
            fails.narrow(_OPPOSITE[sign], number)
            if fails.empty:
                return value, found, True
    return None


def _bounded(bounds: tuple[float, float]) -> _Range:
    return _Range(*bounds)


def _every_part(tree: Any) -> Iterator[Any]:
    if hasattr(tree, "data"):
        yield tree
        for part in tree.children:
            yield from _every_part(part)


def _type_of(value: str, names: Mapping[str, Type]) -> Type | None:
    first, *rest = value.split(".")
    found = names.get(first)
    for name in rest:
        found = (found.fields or {}).get(name) if found is not None else None
    return found


def contradicted(texts: Sequence[str]) -> str:
    """Return the value of which conditions that hold together ask two things; "" if of none."""
    with suppress(RecursionError):
        return _contradicted(texts)
    return ""


def _contradicted(texts: Sequence[str]) -> str:
    ranges: dict[str, _Range] = {}
    for text in texts:
        tree, left_open = syntax_tree(text)
        for part in _joined(tree) if tree is not None else ():
            compared = _compared(part, left_open)
            if compared is None:
                continue
            value, sign, number = compared
            left = ranges.setdefault(value, _Range())
            left.narrow(sign, number)
            if left.empty:
                return value
    return ""


def _joined(tree: Any) -> Iterator[Any]:
    """Yield the parts of a condition that all have to hold."""
    if tree.data == "conjunction":
        for part in tree.children:
            yield from _joined(part)
    else:
        yield tree


def _compared(tree: Any, left_open: Sequence[str]) -> tuple[str, str, float] | None:
    if tree.data != "compare":
        return None
    left, sign, right = tree.children
    sign = str(sign)
    if sign not in _TURNED:
        return None
    value, number = _value(left), _number(right, left_open)
    if value and number is not None:
        return value, sign, number
    value, number = _value(right), _number(left, left_open)
    return (value, _TURNED[sign], number) if value and number is not None else None


def _value(tree: Any) -> str:
    """Return a path such as robot.battery, "" for anything else."""
    if tree.data == "field":
        before = _value(tree.children[0])
        return f"{before}.{tree.children[1]}" if before else ""
    return str(tree.children[0]) if tree.data == "name" and tree.children[0] in _ROOTS else ""


def _number(tree: Any, left_open: Sequence[str]) -> float | None:
    if tree.data == "minus":
        number = _number(tree.children[-1], left_open)
        return None if number is None else -number
    if tree.data not in ("int", "double"):
        return None
    text = as_it_is_written(str(tree.children[0]), left_open)
    return float(int(text, 16) if text.lower().startswith("0x") else float(text))
