"""A plan in lines of text, indented as it is nested: what a dry run shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from execution_orchestrator.plan.drawing.boxes import Box, Group, Units, boxes_of
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.model import Plan

MOST_LINES = 200
WIDTH = 160  # characters of one part of a line
# (depth, id of the action or "" for a heading, words)
Line = tuple[int, str, str]
_BLOCKS = {"parallel": "at the same time", "repeat": "again and again", "try": "try"}
# What planners write again and again, in words.
_IN_WORDS = (
    (re.compile(r"actions\.(\w+)\.output\.objects\.size\(\) > 0"), r"\1 saw something"),
    (re.compile(r"\{\{ actions\.(\w+)\.output\.objects\[0\]\.pose \}\}"), r"where \1 saw it"),
    (re.compile(r"\{\{ actions\.(\w+)\.output\.objects\[0\]\.id \}\}"), r"what \1 saw"),
    (re.compile(r"for each of actions\.(\w+)\.output\.objects\b"), r"for each thing that \1 saw"),
    (re.compile(r"\{\{ item \}\}"), "that one"),
    (re.compile(r"!\(([^()]*)\)"), r"not \1"),
)
_ATTEMPTS = re.compile(r"(?:^|, )up to (\d+) attempts$")
# How many attempts an action of a capability has where its plan says nothing.
Usual = Mapping[str, int]


def outline_of(shown: Mapping[str, Any], units: Units, usual: Usual) -> list[Line]:
    """Return the lines of a plan that is shown with every default filled in.

    The number of attempts is written where it is not the ``usual`` one of the capability.
    """
    plan = load_plan(json.dumps(shown)).plan
    return outline(plan, units, usual) if plan is not None else []


def outline(plan: Plan, units: Units, usual: Usual) -> list[Line]:
    """Return the lines of a plan; of a long one the first `MOST_LINES`, and how many are left."""
    lines = list(_group(boxes_of(plan, units, WIDTH), 0, usual))
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], (0, "", f"and {len(lines) - MOST_LINES} lines more")]


def _group(group: Group, depth: int, usual: Usual) -> Iterator[Line]:
    for box in group.boxes:
        yield (depth, box.name, _words(box, usual))
        for inner in box.groups:
            if inner.heading not in ("", "then"):
                yield (depth, "", inner.heading)
            yield from _group(inner, depth + 1, usual)


def _words(box: Box, usual: Usual) -> str:
    named = box.lines[0] == box.name
    expected = str(usual.get(box.kind, 1))
    parts = [
        _ATTEMPTS.sub(lambda found: "" if found[1] == expected else found[0], line)
        for line in box.lines[named:]
    ]
    parts = [words for words in parts if words and not (box.groups and words == box.kind)]
    if box.groups:  # of a block its rule says more than its id
        begin = [_BLOCKS[box.kind]] if box.kind in _BLOCKS else []
        line = ", ".join([*begin, *parts]) or box.kind
    else:
        line = ": ".join(part for part in (box.name, ", ".join(parts)) if part)
    for form, words in _IN_WORDS:
        line = form.sub(words, line)
    return line
