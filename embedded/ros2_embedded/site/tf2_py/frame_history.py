"""What is known of one frame's place in its parent."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import NamedTuple

from tf2_py.exceptions import ExtrapolationException
from tf2_py.geometry import Rigid, interpolate
from tf2_py.times import shown


class Entry(NamedTuple):
    """A transform into the parent at one time, in nanoseconds."""

    stamp: int
    parent: str
    transform: Rigid


class FrameHistory:
    """Transforms of the last ``keep`` nanoseconds, or a static one, which holds for ever."""

    def __init__(self, keep: int, *, static: bool) -> None:
        self._keep = keep
        self._entries: list[Entry] = []  # oldest first
        self.static = static

    def add(self, entry: Entry) -> bool:
        """Remember a transform; False if it is older than what is kept."""
        entries = self._entries
        if self.static:
            entries[:] = [entry]
            return True
        if entries and entry.stamp < entries[-1].stamp - self._keep:
            return False
        place = bisect_right(entries, entry.stamp, key=_stamp)
        if place and entries[place - 1].stamp == entry.stamp:
            entries[place - 1] = entry
        else:
            insort(entries, entry, key=_stamp)
        oldest = entries[-1].stamp - self._keep
        while entries[0].stamp < oldest:
            del entries[0]
        return True

    def clear(self) -> None:
        """Forget all but a static transform."""
        if not self.static:
            self._entries.clear()

    @property
    def newest(self) -> Entry | None:
        """The entry of the latest time."""
        return self._entries[-1] if self._entries else None

    @property
    def latest(self) -> int:
        """The newest stamp in nanoseconds; 0 for a static transform and where nothing is known."""
        return self._entries[-1].stamp if self._entries and not self.static else 0

    def at(self, stamp: int) -> Entry | None:
        """Return the place at a time, interpolated; the latest one for 0; None if empty.

        Raises:
            ExtrapolationException: the time lies outside of what is known.

        """
        entries = self._entries
        if self.static or not entries or stamp == 0:
            return self.newest
        place = bisect_right(entries, stamp, key=_stamp)
        if place and entries[place - 1].stamp == stamp:
            return entries[place - 1]
        if len(entries) == 1:
            raise ExtrapolationException(
                f"Lookup would require extrapolation at time {shown(stamp)}, but only time "
                f"{shown(entries[0].stamp)} is in the buffer"
            )
        if place == len(entries):
            raise ExtrapolationException(
                f"Lookup would require extrapolation into the future.  Requested time "
                f"{shown(stamp)} but the latest data is at time {shown(entries[-1].stamp)}"
            )
        if place == 0:
            raise ExtrapolationException(
                f"Lookup would require extrapolation into the past.  Requested time "
                f"{shown(stamp)} but the earliest data is at time {shown(entries[0].stamp)}"
            )
        before, after = entries[place - 1], entries[place]
        if before.parent != after.parent:
            return before
        ratio = (stamp - before.stamp) / (after.stamp - before.stamp)
        return Entry(stamp, before.parent, interpolate(before.transform, after.transform, ratio))


def _stamp(entry: Entry) -> int:
    return entry.stamp
