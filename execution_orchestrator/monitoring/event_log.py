"""What happens, as lines of the node's log: each with the execution, the action and the trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
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
# What the engine does itself is over at once, and its end says all; a block of the plan is not.
AT_ONCE = {name for name, strategy in BUILT_IN.items() if not strategy.block}


class EventLog:
    """Writes warnings, errors and milestones; subscribe it to a monitor."""

    def __init__(self, monitor: LiveMonitor) -> None:
        self._monitor = monitor

    def __call__(self, entries: Sequence[JournalEntry]) -> None:
        """Write a line for each warning, error and milestone."""
        failed = {_action(one.event) for one in entries if isinstance(one.event, ev.TaskFailed)}
        for entry in entries:
            event = entry.event
            if _is_redundant(event, failed):
                continue
            if event.level >= ev.WARNING or type(event) in MILESTONES:
                log.log(
                    LEVELS.get(event.level, logging.INFO),
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


def _is_redundant(event: ev.Event, failed: set[tuple[str, str]]) -> bool:
    """Whether an event says no more than one that came with it, or that the next one says."""
    match event:
        case ev.TaskAttemptFailed() | ev.DeadLetterAdded():
            return _action(event) in failed
        case ev.RecoveryInitiated(strategy=strategy):
            return strategy in AT_ONCE
        case ev.RecoveryFinished(outcome=outcome):
            # TaskRetryScheduled says why it is tried again, TaskFailed that it is not.
            return outcome == "RETRY" or _action(event) in failed
        case ev.BlockAborted(key=""):
            return event.execution_id in {execution_id for execution_id, _ in failed}
    return False


def _action(event: ev.Event) -> tuple[str, str]:
    return event.execution_id, event.key
