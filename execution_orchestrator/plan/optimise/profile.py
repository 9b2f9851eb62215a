"""How much of every resource is free over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


class Profile:
    """Steps between moments at which something changes; the last step has no end."""

    __slots__ = ("_free", "_times")

    def __init__(self, capacities: Sequence[int]) -> None:
        self._times = [0]
        self._free = [list(capacities)]

    def earliest(self, after: int, duration: int, demands: Sequence[tuple[int, int]]) -> int:
        """Return the first moment from ``after`` on at which the demands are free for so long."""
        if not duration or not demands:
            return after
        times, free = self._times, self._free
        step = bisect_right(times, after) - 1
        start = after
        while step < len(times) and times[step] < start + duration:
            levels = free[step]
            for resource, amount in demands:
                if levels[resource] < amount:
                    # The last step is all free, so there always is a next one here.
                    start = times[step + 1]
                    break
            step += 1
        return start

    def reserve(self, start: int, duration: int, demands: Sequence[tuple[int, int]]) -> None:
        """Take the demands away from ``start`` on."""
        if not duration or not demands:
            return
        first, last = self._cut(start), self._cut(start + duration)
        for levels in self._free[first:last]:
            for resource, amount in demands:
                levels[resource] -= amount

    def _cut(self, moment: int) -> int:
        """Let a step begin at this moment and return its place."""
        place = bisect_right(self._times, moment) - 1
        if self._times[place] == moment:
            return place
        self._times.insert(place + 1, moment)
        self._free.insert(place + 1, list(self._free[place]))
        return place + 1
