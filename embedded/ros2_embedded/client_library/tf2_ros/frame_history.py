"""What is known of one frame's place in its parent."""

from bisect import bisect_left, insort

from tf2_ros.exceptions import ExtrapolationException
from tf2_ros.geometry import interpolate


class FrameHistory:
    """Transforms of the last ``keep`` nanoseconds; a static one holds for ever."""

    def __init__(self, keep):
        self._keep = keep
        self._entries = []  # (nanoseconds, parent, transform), oldest first
        self.static = None  # (parent, transform)

    def add(self, stamp, parent, transform):
        """Remember a transform; False if it is older than what is kept."""
        entries = self._entries
        if entries and stamp < entries[-1][0] - self._keep:
            return False
        place = bisect_left(entries, stamp, key=lambda entry: entry[0])
        if place < len(entries) and entries[place][0] == stamp:
            entries[place] = (stamp, parent, transform)
        else:
            insort(entries, (stamp, parent, transform), key=lambda entry: entry[0])
        oldest = entries[-1][0] - self._keep
        while entries[0][0] < oldest:
            del entries[0]
        return True

    def clear(self):
        """Forget all but a static transform."""
        self._entries.clear()

    @property
    def known(self):
        return self.static is not None or bool(self._entries)

    @property
    def parent(self):
        """The parent frame of the newest transform."""
        return self.static[0] if self.static is not None else self._entries[-1][1]

    @property
    def latest(self):
        """The newest stamp in nanoseconds; None for a static transform."""
        return None if self.static is not None else self._entries[-1][0]

    def at(self, stamp, frame):
        """Return the transform at a time; raises ExtrapolationException."""
        if self.static is not None:
            return self.static[1]
        entries = self._entries
        place = bisect_left(entries, stamp, key=lambda entry: entry[0])
        if place < len(entries) and entries[place][0] == stamp:
            return entries[place][2]
        if place == 0 or place == len(entries):
            direction = "past" if place == 0 else "future"
            edge = entries[0 if place == 0 else -1][0]
            raise ExtrapolationException(
                f"Lookup would require extrapolation into the {direction}.  Requested time "
                f"{stamp / 1e9:.9f} but the {'earliest' if place == 0 else 'latest'} data is at "
                f"time {edge / 1e9:.9f}, when looking up transform of frame [{frame}]"
            )
        before, after = entries[place - 1], entries[place]
        ratio = (stamp - before[0]) / (after[0] - before[0])
        return interpolate(before[2], after[2], ratio)
