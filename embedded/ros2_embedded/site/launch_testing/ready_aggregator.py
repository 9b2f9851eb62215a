"""Waits for several things to be ready."""

import threading
from collections.abc import Callable


class ReadyAggregator:
    """Calls a function once its own has been called a number of times."""

    def __init__(self, ready_fn: Callable[[], None], num_to_aggregate: int) -> None:
        self._ready = ready_fn
        self._missing = num_to_aggregate
        self._lock = threading.Lock()

    def ready_fn(self) -> None:
        """Count one more; the last of the number calls on."""
        with self._lock:
            self._missing -= 1
            last = self._missing == 0
        # Not under the lock: what is called may well wait for another caller.
        if last:
            self._ready()
