"""What happens, as lines of the node's log: each with the execution, the action and the trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.redundant_events import levels
from execution_orchestrator.storage.journal import JournalEntry

log = logging.getLogger(__name__)
LEVELS = {ev.INFO: logging.INFO, ev.WARNING: logging.WARNING, ev.ERROR: logging.ERROR}
# Of what goes as planned only this is worth a line; the rest is in the journal.
MILESTONES = frozenset(
    {
        ev.ExecutionRequested,
        ev.ExecutionAccepted,
        ev.ExecutionFinished,
        ev.ExecutionPaused,
        ev.ExecutionResumed,
        ev.ConfirmationRequested,
        ev.ConfirmationGiven,
        ev.EmergencyStopReset,
        ev.AlertCleared,
        ev.BreakerClosed,
    }
)


class EventLog:
    """Writes warnings, errors and milestones; subscribe it to a monitor."""

    def __init__(self, monitor: LiveMonitor) -> None:
        self._monitor = monitor

    def __call__(self, entries: Sequence[JournalEntry]) -> None:
        """Write a line for each warning, error and milestone."""
        events = [entry.event for entry in entries]
        for event, level in zip(events, levels(events), strict=True):
            if level >= ev.WARNING or type(event) in MILESTONES:
                log.log(
                    LEVELS.get(level, logging.INFO),
                    "%s%s",
                    event.description(),
                    self._where(event),
                )

    def _where(self, event: ev.Event) -> str:
        parts = []
        if event.execution_id:
            parts.append(f"execution={event.execution_id}")
            correlation_id = self._monitor.correlation_id(event.execution_id)
            if correlation_id:
                parts.append(f"trace={correlation_id}")
        if event.key:
            parts.append(f"action={event.key}")
        return f" [{' '.join(parts)}]" if parts else ""
