"""What was added to a bounded list of messages since it was last looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Unseen:
    """Gives every message of a deque once, also after its oldest ones fell out."""

    def __init__(self) -> None:
        self._last: Any = None

    def of(self, messages: Iterable[Any]) -> list[Any]:
        """Return the messages that came after the newest one of the last call."""
        kept = list(messages)
        new = kept
        for place in range(len(kept), 0, -1):
            if kept[place - 1] is self._last:
                new = kept[place:]
                break
        if kept:
            self._last = kept[-1]
        return new
