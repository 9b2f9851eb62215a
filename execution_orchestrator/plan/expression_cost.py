"""How many steps an expression may take, worked out before it is evaluated.

CEL has no endless loops, but macros inside macros multiply: six lists of ten are a million steps.
Plans come from language models and strangers, and the engine waits while it evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MAX_STEPS = 200_000  # about 0.1 s
MACRO = re.compile(r"\.\s*(?:exists_one|exists|all|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")


def macro_depth(text: str) -> int:
    """Return how deep macros are nested; ``text`` has no string literals any more."""
    opening = {text.index("(", match.start()) for match in MACRO.finditer(text)}
    if not opening:
        return 0
    stack: list[bool] = []
    deepest = 0
    for position, character in enumerate(text):
        if character == "(":
            stack.append(position in opening)
            deepest = max(deepest, sum(stack))
        elif character == ")" and stack:
            stack.pop()
    return deepest


def literal_size(text: str) -> int:
    """Return an upper bound for the elements of any list written out in the text."""
    return text.count(",") + 1


def steps(depth: int, literal: int, values: Iterable[Any]) -> int:
    """Return an upper bound for the steps macros of this depth take over these values."""
    longest = max((_longest(value) for value in values), default=1)
    bound: int = max(longest, literal) ** depth
    return bound


def _longest(value: Any) -> int:
    pending, longest = [value], 1
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            longest = max(longest, len(item))
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            longest = max(longest, len(item))
            pending.extend(each for each in item if isinstance(each, Mapping | list | tuple))
    return longest
