"""Reads the parts of a command's tree."""

from __future__ import annotations

import math

from lark import Token, Tree

from execution_orchestrator.planning.grammar.phrases import METRES

_CLEARLY_DEGREES = 15.0  # a number from here on is an angle also without the word
_UNITS = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "minutes_and_seconds": 60.0,
    "hours_and_minutes": 3600.0,
    "minute_and_half": 60.0,
    "hour_and_half": 3600.0,
}
LONGEST = 7 * 86400.0  # seconds of one wait
_MORE = {"minutes_and_seconds": 1.0, "hours_and_minutes": 60.0}  # seconds, of the second number
# "a little": what a person still sees to be a move
_LITTLE_TURN = math.radians(15.0)
_LITTLE_WAY = 0.2  # metres


class CommandError(ValueError):
    """The words are known and in order, and still do not make sense; the message says why."""


class UnclearError(CommandError):
    """A command that may mean several things; the message asks which."""


def trees(tree: Tree[Token]) -> list[Tree[Token]]:
    """Return the children that are no tokens."""
    return [child for child in tree.children if isinstance(child, Tree)]


def first(tree: Tree[Token], *names: str) -> Tree[Token] | None:
    """Find a direct child, not one of a nested command."""
    for child in trees(tree):
        if child.data in names:
            return child
    return None


def place_in(tree: Tree[Token]) -> str:
    """Return the id of the place it names.

    Raises:
        CommandError: it names none.

    """
    found = first(tree, "place")
    if found is None:
        raise CommandError("it is not clear where to")
    return str(found.children[0])


def places_in(tree: Tree[Token]) -> list[str]:
    """Return the ids of all places it names."""
    return [str(child.children[0]) for child in trees(tree) if child.data == "place"]


def things_in(tree: Tree[Token]) -> list[Tree[Token]]:
    """Return the trees of all objects it names, of `it`, and of all objects of a kind.

    What follows "everything but the book and ..." is left out with the book.
    """
    found: list[Tree[Token]] = []
    for child in trees(tree):
        if child.data not in ("object", "it", "other", "every"):
            continue
        but = first(found[-1], "but") if found else None
        if but is None:
            found.append(child)
        else:
            rest = [part for part in found[-1].children if part is not but]
            more = Tree("but", [*but.children, child])
            found[-1] = Tree(found[-1].data, [*rest, more])
    return found


def pose_in(tree: Tree[Token]) -> dict[str, float]:
    """Return the pose a command names in numbers: metres and radians in the map."""
    text = " ".join(
        str(child)
        for child in tree.children
        if isinstance(child, Token) and child.type in ("POSE", "NUMBER")
    )
    x, y, yaw = [*map(float, text.split()), 0.0][:3]
    if abs(yaw) > math.tau:
        raise UnclearError(
            f"angles of places are in radians, and {yaw:g} looks like degrees; "
            f"{yaw:g} degrees are {math.radians(yaw):.2f}"
        )
    return {"x": x, "y": y, "yaw": yaw}


def optional_place(tree: Tree[Token], name: str) -> str | None:
    """Return the place named in its part ``name``, if it has that part."""
    found = first(tree, name)
    return place_in(found) if found is not None else None


def is_it(tree: Tree[Token]) -> bool:
    """Say whether the object is `it`."""
    thing = first(tree, "object", "it", "other")
    return thing is not None and thing.data == "it"


def number_in(tree: Tree[Token], default: float) -> float:
    """Return its first number, or ``default``."""
    numbers = [c for c in tree.children if isinstance(c, Token) and c.type == "NUMBER"]
    return float(numbers[0]) if numbers else default


def distance_in(tree: Tree[Token], default: float) -> float:
    """Return its distance in metres, whatever unit it is said in, or ``default`` (m).

    Raises:
        CommandError: it is none, or less.

    """
    if _little(tree):
        return _LITTLE_WAY
    units = [str(c) for c in tree.children if isinstance(c, Token) and c.type == "METRES"]
    number = number_in(tree, 1.0 if units else default)  # "a metre ahead"
    metres = round(number * (METRES[units[0]] if units else 1.0), 6)
    if metres <= 0.0:
        raise CommandError(f"a distance is more than 0, not {metres:g} m; the words say which way")
    return metres


def angle_in(tree: Tree[Token], default: float) -> float:
    """Return its angle in radians; commands name degrees.

    Raises:
        CommandError: it is a number that may as well say how often.

    """
    if _little(tree):
        return round(_LITTLE_TURN, 6)
    degrees = number_in(tree, math.degrees(default))
    units = [c for c in tree.children if isinstance(c, Token) and c.type == "DEGREES"]
    if any(isinstance(c, Token) and c.type == "RADIANS" for c in tree.children):
        return round(degrees, 6)
    if not units and degrees != math.degrees(default) and abs(degrees) < _CLEARLY_DEGREES:
        raise CommandError(
            f'is {degrees:g} an angle or how often? Say "{degrees:g} degrees" '
            f'or "{degrees:g} times"'
        )
    return round(math.radians(degrees), 6)


def _little(tree: Tree[Token]) -> bool:
    return any(isinstance(child, Token) and child.type == "LITTLE" for child in tree.children)


def duration_in(tree: Tree[Token]) -> float:
    """Return its duration in seconds.

    Raises:
        CommandError: it has none, or one below 0.

    """
    found = first(tree, *_UNITS)
    if found is None:
        raise CommandError("it is not clear for how long")
    number = number_in(found, 1.0)
    if str(found.data) in ("minute_and_half", "hour_and_half"):
        if number != 0.5:
            raise CommandError('it is not clear for how long; say for example "90 seconds"')
        number += 1.0
    seconds = number * _UNITS[str(found.data)]
    if str(found.data) in _MORE:
        *_, more = (c for c in found.children if isinstance(c, Token) and c.type == "NUMBER")
        seconds += float(more) * _MORE[str(found.data)]
    if seconds > LONGEST:
        raise CommandError(f"a robot waits a week at most, not {seconds / 86400.0:g} days")
    if seconds < 0.0:
        raise CommandError(f"a duration is 0 or more, not {seconds:g} seconds")
    return seconds


def duration_or(tree: Tree[Token], default: float) -> float:
    """Return its duration in seconds, or ``default``."""
    return duration_in(tree) if first(tree, *_UNITS) is not None else default
