"""Where the rclpy threads and the asyncio loop meet; nothing else crosses between them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

START_TIMEOUT = 60.0  # seconds that a call waits for a node which is just starting


class ServiceCallTimeoutError(TimeoutError):
    """The loop did not answer a service handler in time."""


class Bridge:
    """Carries calls from any thread to the loop's thread, and awaits rclpy futures on the loop.

    While it is ``starting``, calls wait until it has `started`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, starting: bool = False) -> None:
        self._loop = loop
        self._started = threading.Event()
        if not starting:
            self._started.set()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop everything but rclpy's callbacks runs on."""
        return self._loop

    def started(self) -> None:
        """Let calls through: the loop has time for them from now on."""
        self._started.set()

    def post(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function on the loop soon; after the loop's end it does nothing."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def when_done(self, future: Any, function: Callable[[Any], object]) -> None:
        """Call ``function(future)`` on the loop once an rclpy future is done."""
        future.add_done_callback(lambda done: self.post(function, done))

    async def result(self, future: Any, timeout: float) -> Any:
        """Wait for the result of an rclpy future.

        Raises:
            TimeoutError: it was not done within ``timeout`` seconds.

        """
        done = self._loop.create_future()

        def settle(finished: Any) -> None:
            if done.done():
                return
            failure = finished.exception()
            if failure is not None:
                done.set_exception(failure)
            else:
                done.set_result(finished.result())

        self.when_done(future, settle)
        return await asyncio.wait_for(done, timeout)

    def call(self, work: Coroutine[Any, Any, Any], timeout: float) -> Any:
        """Run a coroutine on the loop and wait for it: for service handlers, on their threads.

        Raises:
            ServiceCallTimeoutError: it took longer than ``timeout`` seconds; it was cancelled.

        """
        self._started.wait(START_TIMEOUT)
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result(timeout)
        except concurrent.futures.TimeoutError:
            running.cancel()
            raise ServiceCallTimeoutError(
                f"the orchestrator did not answer within {timeout:.1f} s"
            ) from None
