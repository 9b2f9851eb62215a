"""Liveness of a server that the graph still shows.

A process that was killed stays in the graph until its DDS lease ends: ten seconds as the vendors
ship it. A living action server answers at once when it is asked for a goal it does not know. So a
server with goals is asked when it is silent; one that used to answer *while it worked*, and then
says nothing at all for some time, is taken for dead. A server that answers nothing while it works
(a single-threaded one whose goal callback blocks) is never trusted to, and never judged by this.

How much silence that takes depends on what is known of its process. One that has ended needs a
moment only, for what is on its way. One that runs may be slow or stopped, and one of which nothing
is known may be restarted by then: both have the whole timeout.
"""

from __future__ import annotations

import math

QUICK = 0.5  # seconds within which an answer counts as given during the work
NEEDED = 2  # quick answers in a row until a server is trusted
FIRST_INTERVAL = 0.2  # seconds of silence until a trusted server is asked; later twice as long
LONGEST_INTERVAL = 1.0
QUESTIONS = 10  # without an answer that are kept
ENDED = 0.3  # seconds of silence that are enough of a process that has ended
TWICE = 2.0  # times the longest answer, too: processes in containers may have the same id
FORGETTING = 0.9  # share of the longest answer that counts at the next one
STEP = 0.4  # seconds between two looks; what is longer is our own delay, and no silence


class Pulse:
    """When a server was last heard. Times are seconds of one monotonic clock.

    ``timeout``: seconds of silence after which any trusted server counts as dead; 0.0: never.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._heard = -math.inf
        self._looked = math.inf
        self._asked: list[float] = []  # questions without an answer since it was last heard
        self._quick = 0
        self._slowest = 0.0
        self._trusted = False
        self.stopped = False
        self.silence = 0.0  # seconds for which it was silent when it was last judged
        self.overdue = False  # an answer is missing: the moment of judgement is near

    @property
    def trusted(self) -> bool:
        """Whether its silence means something."""
        return self._trusted or self._timeout <= 0

    def unanswered(self, now: float) -> float:
        """Seconds for which a trusted server has said nothing although it was asked; 0.0: none."""
        return now - self._heard if self._trusted and self._asked else 0.0

    def heard(self, now: float) -> None:
        """Take note of anything the server sent."""
        self._heard = now
        self.stopped = False
        self.overdue = False
        if self._trusted:
            self._asked = []

    def replaced(self, now: float) -> None:
        """Start again: another process serves that name."""
        self.heard(now)
        self._asked = []

    def answered(self, asked: float, now: float, *, busy: bool) -> None:
        """Take note of the answer to the question of the time ``asked``."""
        self.heard(now)
        self._asked = []
        self._slowest = max(now - asked, self._slowest * FORGETTING)
        if busy and now - asked <= QUICK:
            self._quick += 1
            self._trusted = self._trusted or self._quick >= NEEDED

    def question_due(self, now: float, *, busy: bool, lives: bool | None = None) -> bool:
        """Judge the server; True: it is to be asked now, and ``answered`` hears the answer.

        ``lives``: whether its process runs; None: nobody knows.
        """
        delay = now - self._looked - STEP
        self._looked = now
        if delay > 0.0:
            # This process had no time to hear anything either.
            self._heard = min(now, self._heard + delay)
            self._asked = [min(now, asked + delay) for asked in self._asked]
        if self._timeout <= 0 or not (busy or self.stopped):
            self._quick = 0
            return False
        if not self._trusted:
            due = not self._asked
        else:
            self.silence = silence = now - self._heard
            self.overdue = bool(self._asked) and now - self._asked[0] >= FIRST_INTERVAL / 2
            if self._asked and silence >= self._patience(lives):
                self.stopped = True
            since = now - self._asked[-1] if self._asked else silence
            waits = FIRST_INTERVAL * 2.0 ** len(self._asked)
            due = since >= min(waits, LONGEST_INTERVAL)
        if due:
            self._asked = [*self._asked[1 - QUESTIONS :], now]
        return due

    def _patience(self, lives: bool | None) -> float:
        if lives is False:
            return min(self._timeout, max(ENDED, TWICE * self._slowest))
        return self._timeout
