"""The known names that are nearest to an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

MOST_COMPARED = 100  # names; comparing is slow, and a document can be wrong five hundred times
MOST_LISTED = 12
ALIKE = 0.6  # how alike two names are that may be meant for each other, of 1
TYPING_ERROR = 0.8  # how alike a name and its misspelling are at least, of 1


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """Return the names that look like this one, the nearest first."""
    if len(name) > MOST_COMPARED:
        return []
    return _but_for_case(name, known) or list(_alike(name, tuple(known[:MOST_COMPARED]), ALIKE)[:2])


def misspelt(name: str, known: Sequence[str]) -> str:
    """Return the name of which this one is a typing error, else nothing."""
    if len(name) > MOST_COMPARED:
        return ""
    near = _but_for_case(name, known) or _alike(name, tuple(known[:MOST_COMPARED]), TYPING_ERROR)
    return near[0] if near else ""


@lru_cache(maxsize=1000)
def _alike(name: str, known: tuple[str, ...], least: float) -> tuple[str, ...]:
    """Return the two names that look most like this one; a document says the same many times."""
    size = len(name)
    # What is much longer or shorter is not compared: twice the shorter over both together.
    near = [one for one in known if 2.0 * min(size, len(one)) / (size + len(one) or 1) >= least]
    return tuple(difflib.get_close_matches(name, near, n=2, cutoff=least))


def _but_for_case(name: str, known: Sequence[str]) -> list[str]:
    """Return the names that are this one in other letters: A for a is too short to look alike."""
    small, length = name.lower(), len(name)
    return [one for one in known if len(one) == length and one.lower() == small][:2]


class Names:
    """The names there are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def hint(self, name: str, what: str) -> str:
        """Return the nearest names, or, after ``what``, those there are."""
        near = nearest(name, self._sorted)
        if near:
            return f"Did you mean {' or '.join(near)}?"
        listed = ", ".join(self._sorted[:MOST_LISTED]) or "none"
        more = len(self._sorted) - MOST_LISTED
        return f"{what}: {listed}{f' and {more} more' if more > 0 else ''}."

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._names)
