"""What is going on now, from the same events the journal holds: figures, alerts, listeners."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.codec import event_data
from execution_orchestrator.monitoring.alerts import AlertChange, AlertMonitor
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.record import ExecutionRecord
from execution_orchestrator.monitoring.metrics.record_builder import RecordBuilder
from execution_orchestrator.storage.journal import JournalEntry

KEPT = 200  # executions whose records stay in memory
ACTIVE = frozenset({"READY", "RUNNING", "RECOVERING"})
FINAL = frozenset({"COMPLETED", "PARTIALLY_COMPLETED", "FAILED", "CANCELLED"})
Listener = Callable[[Mapping[str, Any]], None]


class LiveMonitor:
    """An observer of the runtime; its questions may be asked from any thread."""

    def __init__(
        self,
        alerts: AlertMonitor | None = None,
        *,
        rates: Mapping[str, float] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.alerts = alerts or AlertMonitor()
        self._rates = dict(rates or {})
        self._now = now
        self._lock = threading.RLock()
        self._builders: OrderedDict[str, RecordBuilder] = OrderedDict()
        self._finished: Counter[str] = Counter()
        self._events = 0
        self._dead_letters: set[str] = set()
        self._open_breakers: set[str] = set()
        self._stopped = ""
        self._more_figures: list[Callable[[], Mapping[str, float]]] = []
        self._listeners: list[Listener] = []
        self._on_finished: list[Callable[[ExecutionRecord], None]] = []

    # ------------------------------------------------------------------ observer
    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events."""
        ended: list[ExecutionRecord] = []
        with self._lock:
            for entry in entries:
                self._events += 1
                self._note(entry.event, ended)
            listeners = list(self._listeners)
        for entry in entries if listeners else ():
            told = event_as_json(entry)
            for listener in listeners:
                listener(told)
        for record in ended:
            for callback in self._on_finished:
                callback(record)

    def on_progress(self, execution_id: str) -> None:
        """Take note that something moved; figures come from events alone."""

    def _note(self, event: ev.Event, ended: list[ExecutionRecord]) -> None:
        if isinstance(event, ev.EmergencyStopped):
            self._stopped = event.reason or "emergency stop"
        elif isinstance(event, ev.EmergencyStopReset):
            self._stopped = ""
        elif isinstance(event, ev.BreakerOpened):
            self._open_breakers.add(event.server)
        elif isinstance(event, ev.BreakerClosed):
            self._open_breakers.discard(event.server)
        elif isinstance(event, ev.DeadLetterAdded):
            self._dead_letters.add(event.dead_letter_id)
        elif isinstance(event, ev.DeadLetterChanged) and event.status != "waiting":
            self._dead_letters.discard(event.dead_letter_id)
        if not event.execution_id:
            return
        builder = self._builders.get(event.execution_id)
        if builder is None:
            builder = RecordBuilder(event.execution_id, self._rates)
            self._builders[event.execution_id] = builder
            self._trim()
        builder.add(event)
        if isinstance(event, ev.ExecutionFinished):
            self._finished[str(event.status)] += 1
            ended.append(builder.record)

    def _trim(self) -> None:
        for name, builder in list(self._builders.items()):
            if len(self._builders) <= KEPT:
                return
            if builder.record.ended is not None:
                del self._builders[name]

    # ------------------------------------------------------------------ listeners
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every event as JSON; returns the way to stop it."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def on_finished(self, callback: Callable[[ExecutionRecord], None]) -> None:
        """Call ``callback`` with the record of every execution that ends."""
        self._on_finished.append(callback)

    # ------------------------------------------------------------------ questions
    @property
    def emergency_reason(self) -> str:
        """Why everything is stopped, empty if it is not."""
        return self._stopped

    def records(self) -> list[ExecutionRecord]:
        """Return the records in memory, the newest first."""
        with self._lock:
            return [builder.record for builder in reversed(self._builders.values())]

    def record(self, execution_id: str) -> ExecutionRecord | None:
        """Return the record of an execution, None if it is not in memory."""
        builder = self._builders.get(execution_id)
        return builder.record if builder is not None else None

    def figures(self, execution_id: str) -> ExecutionFigures | None:
        """Return the figures of an execution up to now."""
        with self._lock:
            record = self.record(execution_id)
            return compute_figures(record, now=self._now()) if record is not None else None

    def node_figures(self) -> dict[str, float]:
        """Return the figures of the node (docs/metrics.md)."""
        with self._lock:
            live = [b.record for b in self._builders.values() if b.record.ended is None]
            running = sum(
                1 for record in live for a in record.actions.values() if a.status in ACTIVE
            )
            return {
                "executions_active": float(sum(1 for r in live if r.started is not None)),
                "executions_queued": float(sum(1 for r in live if r.started is None)),
                "actions_running": float(running),
                "events_total": float(self._events),
                "dead_letters": float(len(self._dead_letters)),
                "breaker_open": float(len(self._open_breakers)),
                **{name: value for more in self._more_figures for name, value in more().items()},
            }

    def add_figures(self, figures: Callable[[], Mapping[str, float]]) -> None:
        """Add figures of the node that are counted elsewhere; asked from any thread."""
        self._more_figures.append(figures)

    def finished_counts(self) -> dict[str, int]:
        """Return how many executions ended with each status since the start."""
        with self._lock:
            return dict(self._finished)

    def check_alerts(self) -> list[AlertChange]:
        """Compare every alert with the figures of this moment and return what changed."""
        with self._lock:
            subjects: dict[str, Mapping[str, float]] = {"": self.node_figures()}
            for record in self.records():
                if record.ended is None:
                    figures = compute_figures(record, now=self._now())
                    subjects[record.execution_id] = numbers_of(figures)
            return self.alerts.update(subjects, time=self._now())


def numbers_of(figures: ExecutionFigures) -> dict[str, float]:
    """Return the figures that are numbers, by name."""
    return {
        name: float(value)
        for name in figures.__dataclass_fields__
        if isinstance(value := getattr(figures, name), int | float)
    }


def event_as_json(entry: JournalEntry) -> dict[str, Any]:
    """Return an event as the web page and the topics tell it."""
    event = entry.event
    return {
        "sequence": entry.sequence,
        "execution_id": event.execution_id,
        "action_id": event.key,
        "attempt": event.attempt,
        "type": event.type,
        "level": event.level,
        "time": event.time,
        "description": event.description(),
        "data": event_data(event),
    }
