"""What is said in place of a part of the last command: another time, side or number, or more."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from execution_orchestrator.planning.grammar.rates import with_other_rate
from execution_orchestrator.planning.grammar.timing import retimed
from execution_orchestrator.planning.grammar.tokens import Tokenizer, Word

_WAY = re.compile(
    r"^(?:(?:to|the|turn|go|drive)\s+)*(?:(?P<way>left|right|forwards?|backwards?|ahead)|(?:other|opposite)\s+(?:way|direction|side))(?:\s+(?:around|round))?(?:\s+instead)?$",
    re.I,
)
_WAYS = re.compile(r"\b(?:left|right|forwards?|backwards?|ahead)\b", re.IGNORECASE)
_OPPOSITE = {
    "left": "right", "right": "left", "ahead": "backwards",
    "forward": "backwards", "forwards": "backwards",
    "backward": "forwards", "backwards": "forwards",
}  # fmt: skip
_LENGTHS = frozenset({"METRES", "DEGREES", "RADIANS", "SECONDS", "MINUTES", "HOURS"})
_UNITS = _LENGTHS | {"TIMES", "PERCENT", "PHOTO", "OBJECT"}
_LITTLE = r"(?:just\s+|only\s+)?(?:a\s+)?(?:(?:tiny|little)\s+)?(?:bit|little|touch)"
# After a turn or a drive: by a little more, or back by a little.
_MORE = re.compile(rf"^(?:{_LITTLE}\s+(?:more|further|farther)|further|farther)$", re.IGNORECASE)
_LESS = re.compile(
    rf"^(?:{_LITTLE}\s+(?:less|back)|(?:that\s+(?:is|was)\s+)?(?:{_LITTLE}\s+)?too\s+(?:far|much))$",
    re.IGNORECASE,
)
_MOTIONS = (
    (frozenset({"SPIN_LEFT"}), "turn left a bit", "turn right a bit"),
    (frozenset({"SPIN_RIGHT"}), "turn right a bit", "turn left a bit"),
    (frozenset({"SPIN", "LEFT"}), "turn left a bit", "turn right a bit"),
    (frozenset({"SPIN", "RIGHT"}), "turn right a bit", "turn left a bit"),
    (frozenset({"BACK_UP"}), "back up a bit", "drive forward a bit"),
    (frozenset({"GO_THERE", "BACKWARDS"}), "back up a bit", "drive forward a bit"),
    (frozenset({"FORWARD"}), "drive forward a bit", "back up a bit"),
    (frozenset({"GO_THERE", "METRES"}), "drive forward a bit", "back up a bit"),
)
_TIMES_THAT = re.compile(
    r"^(?:(?P<twice>twice|double|two\s+times)|(?P<half>half))\s+(?:of\s+)?"
    r"(?:that|it|as\s+(?:far|much|long))$",
    re.IGNORECASE,
)


def with_other_words(said: str, command: str, tokenizer: Tokenizer) -> str:
    """Return a command with what is said in place of a part of it, empty if nothing is.

    Raises:
        UnclearError: it is another time, which is not clear.

    """
    return (
        with_other_rate(command, said)
        or retimed(command, said)
        or _moved_on(said, command, tokenizer)
        or _turned(said, command)
        or _with_number(said, command, tokenizer)
    )


def _moved_on(said: str, command: str, tokenizer: Tokenizer) -> str:
    """Return what "a bit more" or "too far" means after a turn or a drive."""
    more, less = _MORE.match(said), _LESS.match(said)
    if more is None and less is None:
        return ""
    kinds = {word.type for word in tokenizer.read(command).words}
    if "PLACE" in kinds or "AND" in kinds or "THEN" in kinds:
        return ""
    onward, back = next(
        ((onward, back) for words, onward, back in _MOTIONS if words <= kinds), ("", "")
    )
    return onward if more is not None else back


def _turned(said: str, command: str) -> str:
    way = _WAY.match(said)
    if way is None:
        return ""
    ways = [
        found
        for found in _WAYS.finditer(command)
        if way["way"] is None or _same_axis(found.group(), way)
    ]
    if len(ways) != 1:
        return ""
    other = way["way"] or _OPPOSITE[ways[0].group().lower()]
    return f"{command[: ways[0].start()]}{other}{command[ways[0].end() :]}"


def _with_number(said: str, command: str, tokenizer: Tokenizer) -> str:
    there = tokenizer.read(command).words
    times = _TIMES_THAT.match(said)
    if times is not None:
        return _multiplied(command, there, 2.0 if times["twice"] else 0.5)
    words = tokenizer.read(said).words
    kinds = [word.type for word in words]
    if kinds[:1] != ["NUMBER"] or len(kinds) > 2:
        return ""
    for number, unit in itertools.pairwise(there):
        alike = len(kinds) == 1 or _unit(unit) == _unit(words[1])
        if number.type == "NUMBER" and unit.type in _UNITS and alike:
            end = number.end if len(kinds) == 1 else unit.end
            return f"{command[: number.column]}{said}{command[end:]}"
    return ""


def _multiplied(command: str, words: Sequence[Word], by: float) -> str:
    for number, unit in itertools.pairwise(words):
        if number.type == "NUMBER" and unit.type in _LENGTHS:
            value = float(number.value) * by
            return f"{command[: number.column]}{value:g}{command[number.end :]}"
    return ""


def _same_axis(word: str, way: re.Match[str]) -> bool:
    sides = ("left", "right")
    return (word.lower() in sides) == (way["way"].lower() in sides)


def _unit(word: Word) -> str:
    return "time" if word.type in ("SECONDS", "MINUTES", "HOURS") else word.type
