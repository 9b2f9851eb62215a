"""Whose turn it is when more tasks are ready than may be asked for at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Turns:
    """Gives turns to tasks that line up: the more urgent first, then who came first.

    ``most`` of those that had their turn may be at work at once. Of one line ``most_of_line`` may
    be on their way, which is from their turn until a robot has taken them, so that a line whose
    tasks no robot can take does not block the others. Deterministic, and without a clock.
    """

    def __init__(self, most: int, most_of_line: int) -> None:
        self.free = most  # of those that may be at work
        self._most_of_line = most_of_line
        self._lines: dict[str, list[tuple[int, int, asyncio.Future[None]]]] = {}
        self._on_their_way: Counter[str] = Counter()
        self._numbers = count()

    async def wait(self, line: str, urgency: int) -> None:
        """Return when it is one's turn; then one is on the way, and at work."""
        turn = asyncio.get_running_loop().create_future()
        heappush(self._lines.setdefault(line, []), (-urgency, next(self._numbers), turn))
        await turn

    def enter(self) -> None:
        """Begin without waiting for a turn: the work was taken over and had one."""
        self.free -= 1

    def taken(self, line: str) -> None:
        """Say that one who was on the way is no longer."""
        self._on_their_way[line] -= 1

    def ended(self) -> None:
        """Say that one who was at work is no longer."""
        self.free += 1

    @property
    def due(self) -> bool:
        """Whether there is a turn to give."""
        return self.free > 0 and any(self._is_open(line) for line in self._lines)

    def give(self, most: int) -> None:
        """Give as many turns as are due, and no more than ``most``."""
        for _ in range(most):
            if not self.due:
                return
            line = min(filter(self._is_open, self._lines), key=lambda one: self._lines[one][0][:2])
            self._next(line).set_result(None)
            self.free -= 1
            self._on_their_way[line] += 1

    def end(self, failure: Callable[[], Exception]) -> None:
        """Let all who wait fail."""
        for line in list(self._lines):
            while line in self._lines:
                self._next(line).set_exception(failure())

    def _is_open(self, line: str) -> bool:
        return self._on_their_way[line] < self._most_of_line

    def _next(self, line: str) -> asyncio.Future[None]:
        waiting = self._lines[line]
        turn = heappop(waiting)[2]
        if not waiting:
            del self._lines[line]
        return turn
