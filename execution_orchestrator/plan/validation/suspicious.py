"""Values that can be meant, and hardly are: degrees, a text that looks like a template."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.validation.walk import Place

ANGLES = frozenset({"roll", "pitch", "yaw"})
MOST = math.tau + 0.01  # radians that somebody writes who thinks in radians
# Braces of another language around a name of this one: {robot.battery}, ${input.name}.
_LIKE_TEMPLATE = re.compile(
    r"(?<!\{)\$?\{\s*(?P<inside>(?:robot|actions|item|input|objects|error|signals|robot_history)\b"
    r"[^{}]*)\}(?!\})"
)
_LIKE_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)


def suspicious_issues(place: Place) -> Iterator[Issue]:
    """Warn of angles that look like degrees, and of texts that look like templates."""
    action = place.action
    for field, value in (("parameters", action.parameters), ("items", action.items)):
        if value:
            # Whoever mistakes one of them mistakes them all.
            yield from islice(_inside(value, f"{place.pointer}/{field}", ""), 1)


def _inside(value: Any, pointer: str, name: str) -> Iterator[Issue]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _inside(part, f"{pointer}/{key}", key)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _inside(part, f"{pointer}/{index}", name)
    elif isinstance(value, str):
        yield from _text(value, pointer)
    elif name in ANGLES and isinstance(value, int | float) and abs(value) > MOST:
        yield Issue(
            "ANGLE_IN_DEGREES",
            f"{name} is {value:g}, which looks like degrees; angles are in radians",
            pointer,
            f"{value:g} degrees are {math.radians(value):.4g}.",
            Severity.WARNING,
        )


def _text(text: str, pointer: str) -> Iterator[Issue]:
    statement = _LIKE_STATEMENT.search(text)
    if statement is not None:
        yield Issue(
            "TEMPLATE_LOOKALIKE",
            f"{statement.group()!r} stays as it is written: templates have no statements",
            pointer,
            "Write {{ condition ? one : other }}, or put a conditional around the action.",
            Severity.WARNING,
        )
    found = _LIKE_TEMPLATE.search(text)
    if found is not None and statement is None:
        yield Issue(
            "TEMPLATE_LOOKALIKE",
            f"{found.group()!r} stays as it is written: a template has two braces",
            pointer,
            f"Write {{{{ {found['inside'].strip()} }}}}.",
            Severity.WARNING,
        )
