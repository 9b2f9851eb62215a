"""What is known from runs of before of how long an action of a kind takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learned:
    """Seconds of the goals of one capability, from so many ``runs``.

    ``usual`` is the median. A goal that moves a base takes ``besides`` plus ``per_metre`` seconds
    for each metre; where all ways were about as long, ``per_metre`` is 0.0.
    """

    usual: float
    besides: float
    per_metre: float
    runs: int

    def of_way(self, metres: float) -> float:
        """Return the seconds that a way takes."""
        return self.besides + self.per_metre * metres


# From a capability's name; None: too little is known.
LearnedOf = Callable[[str], Learned | None]


def nothing_learned(_action_type: str) -> Learned | None:
    """Know nothing: without a node there are no runs of before."""
    return None
