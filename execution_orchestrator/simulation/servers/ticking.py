"""What a node does again and again, on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

STOP_TIMEOUT = 5.0  # seconds for a tick that runs
log = logging.getLogger(__name__)


class Ticker:
    """Calls ``tick`` every ``period`` seconds of the wall clock, from now on; after stalls at once.

    With a timer rclpy's executor would look at all entities of the node for every tick, which costs
    more than the ticks of the simulated robot do.
    """

    def __init__(self, period: float, tick: Callable[[], None]) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(period, tick), name="tick", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End it; a tick that runs is waited for."""
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT)

    def _run(self, period: float, tick: Callable[[], None]) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            due = max(due + period, time.monotonic())
            try:
                tick()
            except Exception:
                # The world must not stand still for ever because of one error.
                log.exception("a tick failed")
