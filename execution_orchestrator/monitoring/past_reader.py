"""Reads the executions of the window that ended before the node started, while it works already."""

from __future__ import annotations

import logging
import threading
import time

from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.observation.fold import fold
from execution_orchestrator.storage.journal import Journal, StorageError

log = logging.getLogger(__name__)
SHARE = 0.1  # of one processor that reading may take
SLICE = 100  # events read between two rests
STOP_TIMEOUT = 5.0  # seconds


class PastReader:
    """A thread that ends when the window, or the room in memory, is full."""

    def __init__(self, observation: Observation, journal: Journal, *, window: float) -> None:
        self._observation = observation
        self._journal = journal
        self._window = window
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="past", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self) -> None:
        """Wait until everything is read."""
        self._thread.join()

    def stop(self) -> None:
        """Stop reading."""
        self._stopping.set()
        self._thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        try:
            self._read()
        except StorageError as failure:
            log.warning("the figures begin with this start: %s", failure)

    def _read(self) -> None:
        since = time.time() - self._window
        for entry in self._journal.ended_since(since):
            record = ExecutionRecord(entry.execution_id)
            began = time.thread_time()
            for number, one in enumerate(self._journal.read(execution_id=entry.execution_id), 1):
                record = fold(record, one.event)
                if not number % SLICE:
                    if self._stopping.wait((time.thread_time() - began) / SHARE):
                        return
                    began = time.thread_time()
            if record.ended is None:
                continue  # it has not ended
            if not self._observation.add_past(record):
                return
