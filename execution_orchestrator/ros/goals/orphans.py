"""Goals that were given up because their server fell silent, and that it may still work on.

A robot whose radio link breaks for half a minute comes back with its goal still running, although
its action has failed and another one may have begun. So such a goal is cancelled as soon as its
server is heard again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

MOST = 64  # goals of one server
ATTEMPTS = 5  # cancel requests for one goal


@dataclass(slots=True)
class _Orphan:
    sent: float
    attempts: int = 0


class Orphans:
    """The goals to be cancelled on one server.

    ``ask`` sends a cancel request and calls what it is given as soon as there is an answer;
    ``period`` is the time in seconds after which an unanswered request is sent again.
    """

    def __init__(self, ask: Callable[[UUID, Callable[[], object]], None], period: float) -> None:
        self._ask = ask
        self._period = period
        self._goals: dict[UUID, _Orphan] = {}

    def __len__(self) -> int:
        return len(self._goals)

    def add(self, goal_id: UUID, now: float) -> None:
        """Take a goal in; of too many, the oldest is dropped."""
        self._goals[goal_id] = _Orphan(now - self._period)
        if len(self._goals) > MOST:
            del self._goals[next(iter(self._goals))]

    def adopted(self, goal_id: UUID) -> None:
        """Stop watching a goal, because a listener follows it again."""
        self._goals.pop(goal_id, None)

    def cancel(self, now: float) -> None:
        """Ask for all of them; the server is there."""
        for goal_id, orphan in list(self._goals.items()):
            if now - orphan.sent < self._period:
                continue
            if orphan.attempts == ATTEMPTS:
                del self._goals[goal_id]
                continue
            orphan.sent = now
            orphan.attempts += 1
            self._ask(goal_id, partial(self._goals.pop, goal_id, None))
