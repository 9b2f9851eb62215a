"""The list of an execution's actions: a window of those that are asked for, as plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine.status import ACTIVE_ACTION, ActionStatus
from execution_orchestrator.observation.reasons import reason_now
from execution_orchestrator.observation.record import (
    DROPPED,
    ActionRecord,
    ExecutionRecord,
    ServerRecord,
    in_reading_order,
)

MOST = 200  # rows of one answer
GROUPS: Mapping[str, frozenset[str]] = {
    "open": ACTIVE_ACTION | {ActionStatus.READY, ActionStatus.WAITING},
    "failed": frozenset({ActionStatus.FAILED}),
    "succeeded": frozenset({ActionStatus.SUCCEEDED}),
    "pending": frozenset({ActionStatus.PENDING}),
    "not done": frozenset({ActionStatus.SKIPPED, ActionStatus.CANCELLED, DROPPED}),
}


@dataclass(frozen=True, slots=True)
class Window:
    """Which actions are asked for: those that have every word and are of a group (empty: all)."""

    words: str = ""
    group: str = ""
    offset: int = 0
    limit: int = MOST


def actions_in(
    record: ExecutionRecord, window: Window, now: float, servers: Mapping[str, ServerRecord]
) -> dict[str, Any]:
    """Return rows in the order of the plan, how many match, and how many there are.

    A word is looked for in the key, the type, the error and the reason. Times are seconds.
    """
    actions = in_reading_order(record)
    wanted = GROUPS.get(window.group)
    words = window.words.lower().split()
    matching = [
        action
        for action in actions
        if (wanted is None or action.status in wanted) and _has(action, words)
    ]
    shown = matching[window.offset : window.offset + min(window.limit, MOST)]
    return {
        "total": len(actions),
        "matching": len(matching),
        "offset": window.offset,
        "rows": [
            {**_line(action, now), "reason": reason_now(record, action, servers, now)}
            for action in shown
        ],
    }


def _has(action: ActionRecord, words: list[str]) -> bool:
    if not words:
        return True
    error = action.error.code if action.error is not None else ""
    text = f"{action.key} {action.action_type} {error} {action.reason}".lower()
    return all(word in text for word in words)


def _line(action: ActionRecord, now: float) -> dict[str, Any]:
    first = action.attempts[0].dispatched if action.attempts else action.started
    end = action.ended if action.ended is not None else now
    took = None if first is None else max(0.0, end - first)
    if action.attempts and action.status in (ActionStatus.PENDING, DROPPED):
        took = action.busy  # of the plan before; nothing of it runs now
    return {
        "action_id": action.key,
        "action_type": action.action_type,
        "status": action.status,
        "attempt": len(action.attempts),
        "took": took,
        "estimate": action.estimated_duration,
    }
