"""How often a client may ask."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class RateLimit:
    """At most ``most`` grants in ``period`` seconds, counted in a sliding window."""

    def __init__(
        self, most: int, period: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._period = period
        self._clock = clock
        self._granted: deque[float] = deque(maxlen=max(1, most))

    def wait(self) -> float:
        """Take a grant and return 0.0, or the seconds until there is one again."""
        now = self._clock()
        while self._granted and now - self._granted[0] >= self._period:
            self._granted.popleft()
        if self._most == 0:
            return self._period
        if len(self._granted) >= self._most:
            return self._period - (now - self._granted[0])
        self._granted.append(now)
        return 0.0
