"""An event loop in which nothing is waited for: when nothing is left to do now, time jumps."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class OutOfTimeError(RuntimeError):
    """Nothing is left to happen, or it would happen too late."""


class _Jumping(selectors.SelectSelector):
    """Lets the time of its loop pass instead of waiting for files."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.time = 0.0
        self._limit = limit

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise OutOfTimeError("nothing that is rehearsed happens any more")
        if timeout > 0.0:
            self.time += timeout
            if self.time > self._limit:
                raise OutOfTimeError(f"it is not over after {self._limit / 3600.0:g} h")
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0.0 and ends at ``limit`` seconds.

    Raises OutOfTimeError out of ``run_until_complete`` when the limit is passed or nothing is left.
    """

    def __init__(self, limit: float) -> None:
        self._jumping = _Jumping(limit)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._jumping.time
