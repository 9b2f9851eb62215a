"""From execution time to the wall time that people read."""

from __future__ import annotations

from bisect import bisect_right

from execution_orchestrator.engine.events import Event

MOST_KEPT = 200  # changes; with simulated time the difference grows all the time


class WallTime:
    """Learns from events by how much wall time and execution time differ, and since when.

    What happened before the wall clock was set keeps the time that a watch on the wall showed then.
    """

    __slots__ = ("_offsets", "_since")

    def __init__(self) -> None:
        self._since: list[float] = []
        self._offsets: list[float] = []

    @property
    def offset(self) -> float:
        """Wall time minus execution time now, in seconds."""
        return self._offsets[-1] if self._offsets else 0.0

    def note(self, event: Event) -> None:
        """Record the clock offset of an event."""
        if event.offset == self.offset:
            return
        self._since.append(event.time)
        self._offsets.append(event.offset)
        if len(self._since) > MOST_KEPT:
            # Every other one of the old ones goes: coarser, and bounded.
            del self._since[1 : MOST_KEPT // 2 : 2], self._offsets[1 : MOST_KEPT // 2 : 2]

    def of(self, moment: float) -> float:
        """Return the wall time of an execution time, both Unix seconds."""
        found = bisect_right(self._since, moment)
        return moment + (self._offsets[found - 1] if found else 0.0)
