"""Timers on the loop: one wake-up for the earliest, whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Protocol

# A moment this close counts as reached: the loop rounds the moments at which it wakes up.
EARLY = 0.0005


class TimerClock(Protocol):
    """What timers need of a clock; times are seconds."""

    @property
    def longest_sleep(self) -> float:
        """Return after how many real seconds, at most, the clock has to be read again."""

    def now(self) -> float:
        """Return the time of this moment."""


class Timers:
    """Calls ``due`` with the id of every timer whose moment has come."""

    def __init__(self, clock: TimerClock, due: Callable[[str], None]) -> None:
        self._clock = clock
        self._due = due
        self._moments: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._wake: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0

    def set(self, timer_id: str, at: float) -> None:
        """Fire at ``at``, in the time of the clock; a timer of the same id is replaced."""
        self._moments[timer_id] = at
        heap = self._heap
        heappush(heap, (at, timer_id))
        if len(heap) > 2 * len(self._moments) + 64:
            self._heap = [(moment, name) for name, moment in self._moments.items()]
            heapify(self._heap)
        if self._wake is None or at < self._wakes_at:
            self._sleep()

    def clear(self, timer_id: str) -> None:
        """Forget a timer; its place in the heap goes when its moment comes."""
        self._moments.pop(timer_id, None)

    def stop(self) -> None:
        """Forget all."""
        self._moments.clear()
        self._heap.clear()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _sleep(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        heap = self._heap
        while heap and self._moments.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        if heap:
            now = self._clock.now()
            delay = min(self._clock.longest_sleep, max(0.0, heap[0][0] - now))
            self._wakes_at = now + delay
            self._wake = asyncio.get_running_loop().call_later(delay, self._woken)

    def _woken(self) -> None:
        self._wake = None
        heap = self._heap
        limit = self._clock.now() + EARLY
        while heap and heap[0][0] <= limit:
            at, timer_id = heappop(heap)
            if self._moments.get(timer_id) == at:
                del self._moments[timer_id]
                self._due(timer_id)
        self._sleep()
