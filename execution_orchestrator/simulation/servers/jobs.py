"""A goal of a ROS action server at work, in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition
from typing import Any

from execution_orchestrator.simulation.work.jobs import JobCancelled, JobPreempted, JobStopped

POLL = 0.25  # seconds; the longest a cancel request goes unnoticed while nothing else happens


class ServerJob:
    """A goal that was accepted; ``changed`` is notified whenever anything happened."""

    def __init__(self, handle: Any, changed: Condition, rate: float, alive: Callable[[], bool]):
        self.handle = handle
        self.request = handle.request
        self.preempted = False
        self.silent = False
        self.dying = False
        self._changed = changed
        self._rate = rate
        self._alive = alive

    def feedback(self, message: Any) -> None:
        """Publish feedback, unless a fault loses it."""
        if not self.silent:
            self.handle.publish_feedback(message)

    def check(self) -> None:
        """Raise if the goal is not to go on.

        Raises:
            JobCancelled: a client asked for it.
            JobPreempted: a newer goal was accepted.
            JobStopped: the process ends, or a lifecycle node of it is not active any more.

        """
        if not self._alive():
            raise JobStopped
        if self.preempted:
            raise JobPreempted
        if self.handle.is_cancel_requested:
            raise JobCancelled

    def wait_for(self, done: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until ``done()``, at most so many seconds of the wall clock; say whether it is.

        Raises what ``check`` raises.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                self.check()
                if done():
                    return True
                left = POLL if deadline is None else min(POLL, deadline - time.monotonic())
                if left <= 0.0:
                    return False
                self._changed.wait(left)

    def pause(self, seconds: float) -> None:
        """Let simulated time pass. Raises what ``check`` raises."""
        self.wait_for(lambda: False, seconds / self._rate)
