"""Watching in a thread of its own that never takes more than a share of the processor.

The engine only puts its events into a bounded queue. Events that do not fit are read from the
journal later: a flood of events delays displays, and never slows the robot down.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.storage.journal import JournalEntry

log = logging.getLogger(__name__)
SHARE = 0.02  # of the processor time that the whole process takes,
LEAST = 0.005  # of the time on the clock,
AT_REST = 0.2  # and so much of it while the rest of the process takes less than that itself
BURST = 0.005  # seconds of processor time that may be taken at once after a rest
LOOK_BACK = 0.3  # seconds that tell whether the rest of the process is busy
# Events that wait in memory. What is kept there costs the engine: memory that it could have used
# again, and objects for the garbage collector to look at.
CAPACITY = 1_000
SLICE = 100  # events handed on at once
GATHER = 0.01  # seconds that events are gathered, so that the engine is seldom interrupted
STOP_TIMEOUT = 5.0  # seconds

ReadJournal = Callable[[int, int], Iterable[JournalEntry]]  # (after, limit)


class EventSink(Protocol):
    """Takes events in the order of the journal."""

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events."""


class PacedObserver:
    """An observer of the runtime that hands every event on to a sink, in order and just once."""

    def __init__(self, sink: EventSink, read: ReadJournal) -> None:
        self._sink = sink
        self._read = read
        self._reached = 0
        self._waiting: deque[JournalEntry] = deque()
        self._overflowed = False
        self._asleep = False
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
        self._tokens = BURST
        self._clock = 0.0
        self._processor = 0.0
        self._own = 0.0
        self._flooded = -LOOK_BACK  # when events last came faster than they were handed on
        self._load = 0.0  # what the rest of the process took lately, of one processor

    def start(self) -> None:
        """Begin to hand on."""
        self._clock = time.monotonic()
        self._processor = time.process_time()
        self._thread.start()

    def stop(self) -> None:
        """Hand on what waits in memory, without pauses, and end the thread."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(STOP_TIMEOUT)

    def begin_after(self, sequence: int) -> None:
        """Pass over what has a sequence number up to this one; called before `start`."""
        self._reached = sequence

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take events from the engine's thread."""
        if len(self._waiting) < CAPACITY and not self._overflowed:
            self._waiting.extend(entries)
        else:
            self._overflowed = True
            self._flooded = time.monotonic()
        # While the thread is working, waking it would cost more than everything else here.
        if self._asleep:
            self._asleep = False
            self._wake.set()

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Pass over feedback: nothing is counted there."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._sleep()
            self._stopping.wait(GATHER)
            self._refill()
            self._drain()
            if self._overflowed:
                self._catch_up()
        self._drain()

    def _sleep(self) -> None:
        """Wait until there is something, unless there is already."""
        self._wake.clear()
        self._asleep = True
        if not self._waiting and not self._stopping.is_set():
            self._wake.wait()
        self._asleep = False

    def _drain(self) -> None:
        while self._waiting:
            count = min(SLICE, len(self._waiting))
            self._hand_on([self._waiting.popleft() for _ in range(count)])

    def _catch_up(self) -> None:
        while not self._stopping.is_set():
            missed = list(self._read(self._reached, SLICE))
            if missed:
                self._hand_on(missed)
            if len(missed) < SLICE:
                # Events that came between the read and this line are in the journal: read again.
                if not self._overflowed:
                    return
                self._overflowed = False

    def _hand_on(self, entries: list[JournalEntry]) -> None:
        if entries[0].sequence <= self._reached:
            entries = [entry for entry in entries if entry.sequence > self._reached]
            if not entries:
                return
        self._reached = entries[-1].sequence
        try:
            self._sink.on_events(entries)
        except Exception:
            log.exception("watching failed; the execution goes on")
        self._rest()

    def _rest(self) -> None:
        """Pay for the time that was used: a bucket of tokens that fills up while we rest."""
        self._refill()
        while self._tokens < 0.0 and not self._stopping.wait(-self._tokens / SHARE):
            self._refill()

    def _refill(self) -> None:
        clock, processor, own = time.monotonic(), time.process_time(), time.thread_time()
        passed, used = clock - self._clock, own - self._own
        others = processor - self._processor - used
        self._load += min(1.0, passed / LOOK_BACK) * (others / max(passed, 1e-6) - self._load)
        # While other programs have the processor the engine uses little of it, and is not at rest.
        at_rest = self._load < AT_REST and clock - self._flooded > LOOK_BACK
        share = AT_REST if at_rest else LEAST
        self._tokens = min(BURST, self._tokens + share * passed + SHARE * others - used)
        self._clock, self._processor, self._own = clock, processor, own
