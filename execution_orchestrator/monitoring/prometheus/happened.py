"""Counters and histograms of what has ended since the node's start, counted from the events.

Series of all that this robot can do and recover by are there from the start, at 0: Prometheus
counts only what comes after the first scrape of a series, and would miss the first error otherwise.
A series that is there stays until the node ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.status import FINAL_EXECUTION, AttemptOutcome
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.prometheus.names import PREFIX
from execution_orchestrator.observation.record import ActionRecord, AttemptRecord
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.storage.journal import JournalEntry

# Seconds. A gripper closes in tenths of a second, an errand through a building takes minutes.
ACTIONS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
EXECUTIONS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14_400.0)
OUTCOMES = tuple(dict.fromkeys(("succeeded", "failed", "cancelled", *AttemptOutcome)))
RESULTS = ("succeeded", "failed")


class WhatHappened:
    """A listener of the monitor that counts the ends of executions, attempts and recoveries."""

    def __init__(
        self,
        monitor: LiveMonitor,
        registry: CollectorRegistry,
        *,
        capabilities: Iterable[str] = (),
        resources: Iterable[str] = (),
        strategies: Iterable[str] = (),
    ) -> None:
        self._monitor = monitor
        self._known: set[str] = set()  # capabilities whose series are there
        self._executions = Histogram(
            PREFIX + "execution_duration_seconds",
            "Seconds from an execution's acceptance to its end, by final status.",
            ["status"],
            buckets=EXECUTIONS,
            registry=registry,
        )
        for status in sorted(FINAL_EXECUTION):
            self._executions.labels(status)
        self._replans = Counter(
            PREFIX + "replans", "Other plans that executions went on with.", registry=registry
        )
        of_capability = ["capability"]
        self._durations = Histogram(
            PREFIX + "attempt_duration_seconds",
            "Seconds from the dispatch of a goal to the end of its attempt, by capability.",
            of_capability,
            buckets=ACTIONS,
            registry=registry,
        )
        self._attempts = Counter(
            PREFIX + "attempts",
            "Attempts that ended, by capability and outcome.",
            ["capability", "outcome"],
            registry=registry,
        )
        self._retries = Counter(
            PREFIX + "retries",
            "Dispatches of an action after its first one, by capability.",
            of_capability,
            registry=registry,
        )
        self._errors = Counter(
            PREFIX + "attempt_errors",
            "Attempts that failed, by capability and type of the error.",
            ["capability", "error_type"],
            registry=registry,
        )
        self._breaker_wait = Counter(
            PREFIX + "breaker_wait_seconds",
            "Seconds that actions waited for the circuit breakers of their servers.",
            of_capability,
            registry=registry,
        )
        self._cost = Counter(
            PREFIX + "attempt_cost",
            "Cost of the attempts that ended, in the unit of the configured cost rates.",
            of_capability,
            registry=registry,
        )
        self._waits = Histogram(
            PREFIX + "resource_wait_seconds",
            "Seconds that an action that was ready waited for a resource.",
            ["resource"],
            buckets=ACTIONS,
            registry=registry,
        )
        self._recoveries = Counter(
            PREFIX + "recoveries",
            "Runs of recovery strategies that ended, by strategy and by whether they did their "
            "work.",
            ["strategy", "result"],
            registry=registry,
        )
        for capability in sorted(capabilities):
            self._begin(capability)
        for resource in sorted(resources):
            self._waits.labels(resource)
        for strategy in sorted(strategies):
            self._begin_recoveries(strategy)

    def _begin(self, capability: str) -> None:
        """Have the series of a capability, each at 0."""
        if capability in self._known:
            return
        self._known.add(capability)
        for family in (self._durations, self._retries, self._breaker_wait, self._cost):
            family.labels(capability)
        for outcome in OUTCOMES:
            self._attempts.labels(capability, outcome)
        for kind in ErrorType:
            self._errors.labels(capability, kind)

    def _begin_recoveries(self, strategy: str) -> None:
        for result in RESULTS:
            self._recoveries.labels(strategy, result)

    def __call__(self, entries: Sequence[JournalEntry]) -> None:
        """Count what ended in a batch of events."""
        for entry in entries:
            self._count(entry.event)

    def _count(self, event: ev.Event) -> None:
        match event:
            case ev.TaskStarted():
                self._dispatched(event)
            case ev.TaskCompleted():
                self._attempt_ended(event, "succeeded")
            case ev.TaskAttemptFailed():
                self._attempt_ended(event, event.outcome)
            case ev.TaskFailed():
                self._attempt_ended(event, "failed")
            case ev.TaskCancelled() | ev.TaskRequeued() | ev.TaskSkipped():
                self._attempt_ended(event, "cancelled")
            case ev.RecoveryInitiated():
                self._begin_recoveries(event.strategy)
            case ev.RecoveryFinished() if event.strategy:
                result = RESULTS[0] if event.succeeded else RESULTS[1]
                self._recoveries.labels(event.strategy, result).inc()
            case ev.ResourceAllocated():
                self._allocated(event)
            case ev.ExecutionReplanned():
                self._replans.inc()
            case ev.ExecutionFinished():
                self._finished(event)

    def _dispatched(self, event: ev.TaskStarted) -> None:
        action = self._monitor.observation.action(event.execution_id, event.key)
        if action is None:
            return
        capability = action.action_type
        self._begin(capability)
        self._breaker_wait.labels(capability).inc(max(0.0, event.breaker_wait))
        self._retries.labels(capability).inc(event.attempt > 1)

    def _attempt_ended(self, event: ev.Event, outcome: str) -> None:
        """Count an attempt, unless an event before this one ended it."""
        action = self._monitor.observation.action(event.execution_id, event.key)
        attempt = _attempt(action, event.attempt) if action is not None else None
        if action is None or attempt is None:
            return
        if attempt.ended != event.time or attempt.outcome != outcome:
            return
        duration = max(0.0, attempt.ended - attempt.dispatched)
        self._durations.labels(action.action_type).observe(duration)
        self._attempts.labels(action.action_type, outcome).inc()
        self._cost.labels(action.action_type).inc(duration * max(0.0, action.cost_rate))
        if attempt.error_type:
            self._errors.labels(action.action_type, attempt.error_type).inc()

    def _allocated(self, event: ev.ResourceAllocated) -> None:
        record = self._monitor.observation.executions.get(event.execution_id)
        for lease in event.leases if record is not None and event.key else ():
            known = record.leases.get(lease.lease_id) if record is not None else None
            if known is not None:
                self._waits.labels(lease.resource).observe(known.waited)

    def _finished(self, event: ev.ExecutionFinished) -> None:
        record = self._monitor.observation.executions.get(event.execution_id)
        if record is not None:
            took = max(0.0, event.time - record.accepted)
            self._executions.labels(event.status).observe(took)


def _attempt(action: ActionRecord, number: int) -> AttemptRecord | None:
    return next((one for one in reversed(action.attempts) if one.number == number), None)
