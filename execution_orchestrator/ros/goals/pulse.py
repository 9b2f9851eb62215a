"""Liveness of a server that the graph still shows.

A process that was killed stays in the graph until its DDS lease ends: ten seconds as the vendors
ship it. A living action server answers at once when it is asked for a goal it does not know. So a
server with goals is asked now and then; one that used to answer *while it worked*, and then says
nothing at all for some seconds, is taken for dead. A server that answers nothing while it works
(a single-threaded one whose goal callback blocks) is never trusted to, and never judged by this.
"""

from __future__ import annotations

import math

QUICK = 0.5  # seconds within which an answer counts as given during the work
INTERVAL = 1.0  # seconds of silence after which a trusted server is asked again
NEEDED = 2  # quick answers in a row until a server is trusted


class Pulse:
    """When a server was last heard. Times are seconds of one monotonic clock.

    ``timeout``: seconds of silence after which a trusted server counts as dead; 0.0: never.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._heard = -math.inf
        self._asked = math.nan
        self._quick = 0
        self._trusted = False
        self.stopped = False
        self.overdue = False  # an answer is missing: the moment of judgement is near

    @property
    def trusted(self) -> bool:
        """Whether its silence means something."""
        return self._trusted or self._timeout <= 0

    def heard(self, now: float) -> None:
        """Take note of anything the server sent."""
        self._heard = now
        self.stopped = False
        self.overdue = False

    def replaced(self, now: float) -> None:
        """Begin anew: another process serves that name."""
        self.heard(now)
        self._asked = math.nan

    def answered(self, asked: float, now: float, *, busy: bool) -> None:
        """Take note of the answer to the question of the time ``asked``."""
        self.heard(now)
        if asked == self._asked:
            self._asked = math.nan
        if busy and now - asked <= QUICK:
            self._quick += 1
            self._trusted = self._trusted or self._quick >= NEEDED

    def question_due(self, now: float, *, busy: bool) -> bool:
        """Judge the server; True: it is to be asked now, and ``answered`` hears the answer."""
        if self._timeout <= 0 or not (busy or self.stopped):
            self._quick = 0
            return False
        waiting = not math.isnan(self._asked)
        if not self._trusted:
            due = not waiting
        else:
            self.overdue = waiting and now - max(self._asked, self._heard) >= QUICK
            if self.overdue and now - self._heard >= self._timeout:
                self.stopped = True
            due = (self.stopped or now - self._heard >= INTERVAL) and (
                not waiting or now - self._asked >= INTERVAL
            )
        if due:
            self._asked = now
        return due
