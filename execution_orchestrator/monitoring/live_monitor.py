"""Figures, alerts and listeners of the running node, computed from the events of the journal."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.status import ACTIVE_ACTION, BreakerStatus
from execution_orchestrator.monitoring.alerts import AlertChange, AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.window import (
    CapabilityFigures,
    ResourceFigures,
    Window,
    capability_figures,
    resource_figures,
)
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.storage.journal import JournalEntry

DEFAULT_WINDOW = 3600.0  # seconds that the figures of capabilities and resources look back
Listener = Callable[[Sequence[JournalEntry]], None]


class LiveMonitor:
    """Counts, figures and alerts over what is observed; may be asked from any thread."""

    def __init__(
        self,
        observation: Observation,
        alerts: AlertMonitor | None = None,
        *,
        capacities: Mapping[str, float] | None = None,
        window: float = DEFAULT_WINDOW,
        commit_seconds: Callable[[], float] = lambda: 0.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.observation = observation
        self._alerts = alerts or AlertMonitor()
        self._capacities = dict(capacities or {})
        self._window = window
        self._commit_seconds = commit_seconds
        self._now = now
        self._lock = threading.RLock()
        self._finished: Counter[str] = Counter()
        self._events = 0
        self._more_figures: list[Callable[[], Mapping[str, float]]] = []
        self._listeners: list[Listener] = []
        self._on_finished: list[Callable[[ExecutionRecord], None]] = []

    def begin_after(self, events: int, finished: Mapping[str, int]) -> None:
        """Count on from what the journal held when it was opened, of which not all is replayed."""
        with self._lock:
            self._events = events
            self._finished = Counter(finished)

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Count events that were observed, and notify listeners."""
        ended = [entry.event for entry in entries if isinstance(entry.event, ev.ExecutionFinished)]
        with self._lock:
            self._events += len(entries)
            self._finished.update(event.status for event in ended)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(entries)
        for event in ended if self._on_finished else ():
            record = self.observation.record(event.execution_id)
            if record is not None:
                for callback in self._on_finished:
                    callback(record)

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

    def records(self) -> list[ExecutionRecord]:
        """Return copies of the records in memory, the newest first."""
        return self.observation.records()

    def correlation_id(self, execution_id: str) -> str:
        """Return what joins messages, logs and traces of an execution, '' if it is not known."""
        record = self.observation.executions.get(execution_id)
        return record.correlation_id if record is not None else ""

    def figures(self, execution_id: str) -> ExecutionFigures | None:
        """Return the figures of an execution up to now."""
        record = self.observation.record(execution_id)
        return compute_figures(record, now=self._now()) if record is not None else None

    def node_figures(self) -> dict[str, float]:
        """Return the figures of the node (docs/metrics.md)."""
        live = [record for record in self.records() if record.ended is None]
        return {
            "executions_active": float(sum(1 for r in live if r.started is not None)),
            "executions_queued": float(sum(1 for r in live if r.started is None)),
            "actions_running": float(
                sum(
                    1
                    for r in live
                    for a in r.actions.values()
                    if a.attempts and a.status in ACTIVE_ACTION
                )
            ),
            "events_total": float(self._events),
            "journal_commit_seconds": self._commit_seconds(),
            "dead_letters": float(len(self.observation.dead_letters)),
            **self._quarantined(),
            "breaker_open": float(
                sum(one.breaker is BreakerStatus.OPEN for one in self.observation.known_servers())
            ),
            **{name: value for more in self._more_figures for name, value in more().items()},
        }

    def _quarantined(self) -> dict[str, float]:
        of_recoveries = sum(bool(one.interface) for one in self.observation.quarantined_goals())
        return {
            "quarantined_goals": float(len(self.observation.quarantined) - of_recoveries),
            "quarantined_recoveries": float(of_recoveries),
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

    @property
    def alert_conditions(self) -> tuple[AlertCondition, ...]:
        """Every condition in force."""
        with self._lock:
            return self._alerts.conditions

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
    """Return an event as the web page shows it, ready for `msgspec.json`."""
    event = entry.event
    return {
        "sequence": entry.sequence,
        "execution_id": event.execution_id,
        "action_id": event.key,
        "attempt": event.attempt,
        "type": ev.event_type(event),
        "level": event.level,
        "time": event.wall,
        "description": event.description(),
        "data": event,
    }
