"""Finds redundant events: those that say no more than another one are details."""

from __future__ import annotations

from collections.abc import Sequence

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.recovery.built_in import BUILT_IN

# What the engine does itself is over at once, and its end says all; a block of the plan is not.
AT_ONCE = {name for name, strategy in BUILT_IN.items() if not strategy.block}


def levels(events: Sequence[ev.Event]) -> list[int]:
    """Return the level of each of these events.

    It is that of its type, or DEBUG where another event says the same.
    """
    failed = {_action(event) for event in events if isinstance(event, ev.TaskFailed)}
    return [ev.DEBUG if _is_redundant(event, failed) else int(event.level) for event in events]


def _is_redundant(event: ev.Event, failed: set[tuple[str, str, int]]) -> bool:
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
            return event.execution_id in {execution_id for execution_id, _, _ in failed}
    return False


def _action(event: ev.Event) -> tuple[str, str, int]:
    return event.execution_id, event.key, event.attempt
