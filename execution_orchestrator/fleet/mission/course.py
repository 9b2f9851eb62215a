"""Whether a mission is running, paused, being cancelled, or about to continue in a new run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet.orders import Cancellation, Carried, TaskState

from execution_orchestrator.fleet.mission.books import Books


class StoppedError(Exception):
    """The mission is being cancelled; the task ends at once."""


class FailedError(Exception):
    """A task cannot be done; the text says why."""


class Course:
    """Whether the tasks of a mission may proceed. Every wait of a mission is one of these methods.

    ``bounded`` and ``brisk`` say that it began under a release that had these (fleet/patches.py).
    """

    def __init__(self, books: Books, before: Carried) -> None:
        self._books = books
        self.bounded = True
        self.brisk = False
        self.stop = before.stop
        self.stop_asked = before.stop_asked  # by a person's update, before Temporal's cancel
        self.cancelled_in_temporal = False
        self.failure = before.failure
        self.paused = before.paused
        self.closing = False  # this run ends, and the next one continues
        self.when_stopped: list[Callable[[], None]] = []

    @property
    def why(self) -> str:
        """Return why the mission ends before all is done."""
        return self.failure or (self.stop.reason if self.stop is not None else "")

    def begin_to_stop(self, request: Cancellation) -> None:
        """Let every task end; also asked again for what has begun meanwhile."""
        if self.stop is None:
            self.stop = request
            self._books.set_status("CANCELLING", request.reason)
        for notify in self.when_stopped:
            notify()

    async def until(
        self,
        condition: Callable[[], bool],
        timeout: float | None = None,
        *,
        stopping: bool = False,
    ) -> None:
        """Wait until it holds, or the time is over.

        Raises:
            StoppedError: the mission is being cancelled, unless ``stopping``.

        """
        if self.brisk and self.stop is None and condition():
            return  # at once: hundreds of tasks may come by in one step
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: (self.stop is not None and not stopping) or condition(),
                timeout=None if timeout is None else timedelta(seconds=timeout),
            )
        if self.stop is not None and not stopping:
            raise StoppedError

    async def pass_time(self, seconds: float | None, *, stopping: bool = False) -> None:
        """Wait for some seconds.

        Raises:
            StoppedError: the mission is being cancelled, unless ``stopping``.

        """
        await self.until(lambda: False, seconds, stopping=stopping)

    async def through_pause(self, record: TaskState) -> None:
        """Wait until the mission is not paused."""
        if self.paused:
            record.reason = f"the mission is paused: {self.paused}"
        await self.until(lambda: not self.paused)

    async def through_cancellation(
        self, condition: Callable[[], bool], timeout: timedelta | None = None
    ) -> None:
        """Wait until it holds. A cancel from Temporal's side is one of the mission."""
        while True:
            try:
                with contextlib.suppress(asyncio.TimeoutError):
                    await workflow.wait_condition(condition, timeout=timeout)
            except asyncio.CancelledError:
                self.cancelled_in_temporal = True
                if not self.stop_asked:
                    self.begin_to_stop(Cancellation("cancelled in Temporal"))
            else:
                return
