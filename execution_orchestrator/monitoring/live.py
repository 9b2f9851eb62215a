"""What is going on now, from the same events the journal holds: figures, alerts, listeners."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.alerts import AlertChange, AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.record import ExecutionRecord, LeaseRecord
from execution_orchestrator.monitoring.metrics.record_builder import RecordBuilder
from execution_orchestrator.monitoring.metrics.window import (
    CapabilityFigures,
    ResourceFigures,
    Window,
    capability_figures,
    resource_figures,
)
from execution_orchestrator.storage.journal import JournalEntry

KEPT = 200  # ended executions whose records stay in memory,
KEPT_ACTIONS = 20_000  # and the actions they may have together; the newest always stays
DEFAULT_WINDOW = 3600.0  # seconds that the figures of capabilities and resources look back
ACTIVE = frozenset({"DISPATCHED", "RUNNING", "RECOVERING", "CANCELING"})
FINAL = frozenset({"COMPLETED", "PARTIALLY_COMPLETED", "FAILED", "CANCELLED"})
GO_ON_AGAIN = frozenset({ev.CheckpointRestored, ev.ExecutionReplanned})
Listener = Callable[[Sequence[JournalEntry]], None]


@dataclass(slots=True)
class ServerRecord:
    """An action server as the events tell it; ``available`` is None until something was heard."""

    name: str
    available: bool | None = None
    breaker: str = "CLOSED"
    failures: int = 0
    reason: str = ""


class LiveMonitor:
    """An observer of the runtime; its questions may be asked from any thread."""

    def __init__(
        self,
        alerts: AlertMonitor | None = None,
        *,
        capacities: Mapping[str, float] | None = None,
        window: float = DEFAULT_WINDOW,
        commit_seconds: Callable[[], float] = lambda: 0.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._alerts = alerts or AlertMonitor()
        self._capacities = dict(capacities or {})
        self._window = window
        self._commit_seconds = commit_seconds
        self._now = now
        self._lock = threading.RLock()
        self._builders: OrderedDict[str, RecordBuilder] = OrderedDict()
        self._ended: Counter[str] = Counter()  # actions of each ended execution, oldest first
        self._finished: Counter[str] = Counter()
        self._events = 0
        self._dead_letters: set[str] = set()
        self._servers: dict[str, ServerRecord] = {}
        self._outside: dict[str, LeaseRecord] = {}
        self._stopped = ""
        self._more_figures: list[Callable[[], Mapping[str, float]]] = []
        self._listeners: list[Listener] = []
        self._on_finished: list[Callable[[ExecutionRecord], None]] = []

    # ------------------------------------------------------------------ observer
    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events."""
        ended: list[ExecutionRecord] = []
        with self._lock:
            self._events += len(entries)
            for entry in entries:
                self._note(entry.event, ended)
            self._finished.update(record.status for record in ended)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(entries)
        for record in ended:
            for callback in self._on_finished:
                callback(record)

    def on_progress(self, execution_id: str) -> None:
        """Take note that something moved; figures come from events alone."""

    def _note(self, event: ev.Event, ended: list[ExecutionRecord]) -> None:
        kind = type(event)
        if event.execution_id:
            builder = self._builders.get(event.execution_id)
            if builder is None and kind is ev.ExecutionAccepted:
                builder = self._builders[event.execution_id] = RecordBuilder(event.execution_id)
            if builder is not None:  # otherwise it was let go of already
                self._add(builder, event, ended)
        handler = _OF_NODE.get(kind)
        if handler is not None:
            handler(self, event)

    def _add(self, builder: RecordBuilder, event: ev.Event, ended: list[ExecutionRecord]) -> None:
        kind = type(event)
        builder.add(event)
        if kind is ev.ExecutionFinished:
            self._ended[event.execution_id] = len(builder.record.actions)
            self._trim()
            ended.append(builder.record)
        elif kind in GO_ON_AGAIN:
            self._ended.pop(event.execution_id, None)

    # ------------------------------------------------------------------ the past
    def begin_after(self, events: int, finished: Mapping[str, int]) -> None:
        """Count on from what the journal held when it was opened, of which not all is replayed."""
        with self._lock:
            self._events = events
            self._finished = Counter(finished)

    def replay(self, event: ev.Event) -> None:
        """Take an event of the journal that is counted already, and that nobody is told of."""
        with self._lock:
            self._note(event, [])

    def add_past(self, builder: RecordBuilder) -> bool:
        """Take an older execution that ended; say whether there is room for another one."""
        with self._lock:
            name = builder.record.execution_id
            if name in self._builders:
                return True
            actions = len(builder.record.actions)
            if len(self._ended) >= KEPT or self._ended.total() + actions > KEPT_ACTIONS:
                return False
            self._builders[name] = builder
            self._builders.move_to_end(name, last=False)
            self._ended = Counter({name: actions, **self._ended})
            return True

    def recall(self, builder: RecordBuilder) -> None:
        """Take an execution that ended back, because it is going to live again."""
        with self._lock:
            name = builder.record.execution_id
            if name not in self._builders:
                self._builders[name] = builder
                self._ended[name] = len(builder.record.actions)
                self._trim()

    def _stop(self, event: ev.EmergencyStopped) -> None:
        self._stopped = event.reason or "emergency stop"

    def _stop_reset(self, _: ev.EmergencyStopReset) -> None:
        self._stopped = ""

    def _server(self, name: str) -> ServerRecord:
        return self._servers.setdefault(name, ServerRecord(name))

    def _availability(self, event: ev.ServerAvailability) -> None:
        server = self._server(event.server)
        server.available, server.reason = event.available, event.reason

    def _breaker_counted(self, event: ev.BreakerCounted) -> None:
        self._server(event.server).failures = event.failures

    def _breaker_opened(self, event: ev.BreakerOpened) -> None:
        server = self._server(event.server)
        server.breaker, server.failures = "OPEN", event.failures

    def _breaker_half_opened(self, event: ev.BreakerHalfOpened) -> None:
        self._server(event.server).breaker = "HALF_OPEN"

    def _breaker_closed(self, event: ev.BreakerClosed) -> None:
        server = self._server(event.server)
        server.breaker, server.failures = "CLOSED", 0

    def _dead_letter(self, event: ev.DeadLetterAdded) -> None:
        self._dead_letters.add(event.dead_letter_id)

    def _dead_letter_changed(self, event: ev.DeadLetterChanged) -> None:
        if event.status == "waiting":
            self._dead_letters.add(event.dead_letter_id)
        else:
            self._dead_letters.discard(event.dead_letter_id)

    def _allocated(self, event: ev.ResourceAllocated) -> None:
        if event.execution_id:
            return
        for lease in event.leases:
            self._outside[lease.lease_id] = LeaseRecord(
                lease.lease_id, lease.resource, event.holder, lease.amount, event.time
            )

    def _released(self, event: ev.ResourceReleased) -> None:
        for lease_id in event.lease_ids:
            self._outside.pop(lease_id, None)

    def _trim(self) -> None:
        while len(self._ended) > 1 and (
            len(self._ended) > KEPT or self._ended.total() > KEPT_ACTIONS
        ):
            oldest = next(iter(self._ended))
            del self._ended[oldest], self._builders[oldest]

    # ------------------------------------------------------------------ listeners
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every batch of events; returns the way to stop it."""
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
    def now(self) -> float:
        """Return the time that figures are computed up to, Unix seconds."""
        return self._now()

    @property
    def emergency_reason(self) -> str:
        """Why everything is stopped, empty if it is not."""
        return self._stopped

    def servers(self) -> list[ServerRecord]:
        """Return the action servers that were heard of, by name."""
        return sorted(self._servers.values(), key=lambda server: server.name)

    def outside_leases(self) -> list[LeaseRecord]:
        """Return what is held by somebody who is no execution; ``key`` is the holder."""
        return list(self._outside.values())

    def records(self) -> list[ExecutionRecord]:
        """Return copies of the records in memory, the newest first."""
        with self._lock:
            return [_still(builder.record) for builder in reversed(self._builders.values())]

    def record(self, execution_id: str) -> ExecutionRecord | None:
        """Return a copy of the record of an execution, None if it is not in memory."""
        builder = self._builders.get(execution_id)
        return _still(builder.record) if builder is not None else None

    def correlation_id(self, execution_id: str) -> str:
        """Return what joins messages, logs and traces of an execution, '' if it is not known."""
        builder = self._builders.get(execution_id)
        return builder.record.correlation_id if builder is not None else ""

    def figures(self, execution_id: str) -> ExecutionFigures | None:
        """Return the figures of an execution up to now."""
        record = self.record(execution_id)
        return compute_figures(record, now=self._now()) if record is not None else None

    def node_figures(self) -> dict[str, float]:
        """Return the figures of the node (docs/metrics.md)."""
        live = [record for record in self.records() if record.ended is None]
        return {
            "executions_active": float(sum(1 for r in live if r.started is not None)),
            "executions_queued": float(sum(1 for r in live if r.started is None)),
            "actions_running": float(
                sum(
                    1 for r in live for a in r.actions.values() if a.attempts and a.status in ACTIVE
                )
            ),
            "events_total": float(self._events),
            "journal_commit_seconds": self._commit_seconds(),
            "dead_letters": float(len(self._dead_letters)),
            "breaker_open": float(sum(server.breaker == "OPEN" for server in self.servers())),
            **{name: value for more in self._more_figures for name, value in more().items()},
        }

    def capability_figures(self, window: float = 0.0) -> dict[str, CapabilityFigures]:
        """Return figures by capability over the last ``window`` seconds, 0: the usual window."""
        return capability_figures(self.records(), self._back(window))

    def resource_figures(self, window: float = 0.0) -> dict[str, ResourceFigures]:
        """Return figures by resource over the last ``window`` seconds, 0: the usual window."""
        return resource_figures(self.records(), self._back(window), self._capacities)

    def _back(self, window: float) -> Window:
        now = self._now()
        return Window(now - (window or self._window), now)

    def add_figures(self, figures: Callable[[], Mapping[str, float]]) -> None:
        """Add figures of the node that are counted elsewhere; asked from any thread."""
        self._more_figures.append(figures)

    def finished_counts(self) -> dict[str, int]:
        """Return how many executions ended with each status since the start."""
        with self._lock:
            return dict(self._finished)

    # ------------------------------------------------------------------ alerts
    @property
    def active_alerts(self) -> tuple[AlertChange, ...]:
        """The alerts that are raised now."""
        with self._lock:
            return self._alerts.active

    def has_alert(self, alert_id: str) -> bool:
        """Whether a condition has this name."""
        with self._lock:
            return alert_id in self._alerts

    def set_alert(self, condition: AlertCondition) -> list[AlertChange]:
        """Add or replace a condition and return what that clears.

        Raises:
            ValueError: there are too many already.

        """
        with self._lock:
            return self._alerts.set(condition, time=self._now())

    def remove_alert(self, alert_id: str) -> list[AlertChange]:
        """Take a condition away and return what that clears."""
        with self._lock:
            return self._alerts.remove(alert_id, time=self._now())

    def check_alerts(self) -> list[AlertChange]:
        """Compare every alert with the figures of this moment and return what changed."""
        now = self._now()
        subjects: dict[str, Mapping[str, float]] = {"": self._figures_of_node(now)}
        for record in self.records():
            if record.ended is None:
                subjects[record.execution_id] = numbers_of(compute_figures(record, now=now))
        with self._lock:
            return self._alerts.update(subjects, time=now)

    def _figures_of_node(self, now: float) -> dict[str, float]:
        figures = self.node_figures()
        with self._lock:
            metrics = [condition.metric for condition in self._alerts.conditions]
        if not any("." in metric for metric in metrics):
            return figures
        records, window = self.records(), Window(now - self._window, now)
        for name, of_capability in capability_figures(records, window).items():
            for figure, value in numbers_of(of_capability).items():
                figures[f"capability.{name}.{figure}"] = value
        for name, of_resource in resource_figures(records, window, self._capacities).items():
            for figure, value in numbers_of(of_resource).items():
                figures[f"resource.{name}.{figure}"] = value
        return figures


def _still(record: ExecutionRecord) -> ExecutionRecord:
    """Return something that does not grow while it is read: what has ended does not anyway."""
    return record if record.ended is not None else record.frozen()


_OF_NODE: Mapping[type, Callable[[LiveMonitor, Any], None]] = {
    ev.EmergencyStopped: LiveMonitor._stop,
    ev.EmergencyStopReset: LiveMonitor._stop_reset,
    ev.ServerAvailability: LiveMonitor._availability,
    ev.BreakerCounted: LiveMonitor._breaker_counted,
    ev.BreakerOpened: LiveMonitor._breaker_opened,
    ev.BreakerHalfOpened: LiveMonitor._breaker_half_opened,
    ev.BreakerClosed: LiveMonitor._breaker_closed,
    ev.DeadLetterAdded: LiveMonitor._dead_letter,
    ev.DeadLetterChanged: LiveMonitor._dead_letter_changed,
    ev.ResourceAllocated: LiveMonitor._allocated,
    ev.ResourceReleased: LiveMonitor._released,
}


def numbers_of(
    figures: ExecutionFigures | CapabilityFigures | ResourceFigures,
) -> dict[str, float]:
    """Return the figures that are numbers, by name."""
    return {
        name: float(value)
        for name in figures.__dataclass_fields__
        if isinstance(value := getattr(figures, name), int | float)
    }


def event_as_json(entry: JournalEntry) -> dict[str, Any]:
    """Return an event as the web page tells it; `msgspec.json` writes it, ``data`` included."""
    event = entry.event
    return {
        "sequence": entry.sequence,
        "execution_id": event.execution_id,
        "action_id": event.key,
        "attempt": event.attempt,
        "type": ev.event_type(event),
        "level": event.level,
        "time": event.time,
        "description": event.description(),
        "data": event,
    }
