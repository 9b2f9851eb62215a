"""Everything that is known of one action, for the web page: plain JSON data of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from execution_orchestrator.monitoring.feedback_log import FeedbackPoint
from execution_orchestrator.monitoring.web.picture import taken
from execution_orchestrator.observation.reasons import reason_now
from execution_orchestrator.observation.record import (
    AttemptRecord,
    ExecutionRecord,
    RecoveryRecord,
    ServerRecord,
)
from execution_orchestrator.plan.tree import NESTING, PlanTree

SHOWN_ATTEMPTS = 50
SHOWN_RECOVERIES = 50
SHOWN_LEASES = 50


def chosen_action(
    record: ExecutionRecord,
    key: str,
    now: float,
    servers: Mapping[str, ServerRecord],
    feedback_of: Callable[[str], Sequence[FeedbackPoint]],
) -> dict[str, Any] | None:
    """Return one action with what was sent, what came of it and how it was helped.

    Moments are seconds since the execution was accepted, durations seconds; ``feedback_of`` gives
    the feedback of a goal. None if the execution has no action of that key.
    """
    action = record.actions.get(key)
    if action is None:
        return None
    written = _as_written((record.tree, *record.earlier.values()), key)
    attempts = list(action.attempts)
    recoveries = [one for one in list(record.recoveries) if one.key == key]
    leases = [one for one in list(record.leases.values()) if one.key == key]
    start = record.accepted
    return {
        "execution_id": record.execution_id,
        "action_id": key,
        "action_type": action.action_type,
        "description": action.description,
        "status": action.status,
        "outcome": action.outcome,
        "reason": reason_now(record, action, servers, now),
        "robot": action.robot,
        "server": action.server,
        "progress": action.progress,
        "phase": action.phase,
        "estimate": action.estimated_duration,
        "written": written,
        "parameters": action.parameters
        if action.parameters is not None
        else written.get("parameters", {}),
        "output": action.output,
        "error": None if action.error is None else msgspec.to_builtins(action.error),
        "attempts": [
            _attempt(one, start, now, feedback_of(one.goal_id))
            for one in attempts[-SHOWN_ATTEMPTS:]
        ],
        "recoveries": [_recovery(one, start, now) for one in recoveries[-SHOWN_RECOVERIES:]],
        "pictures": [taken(one, start) for one in list(action.pictures)],
        "resources": [
            {
                "resource": one.resource,
                "amount": one.amount,
                "acquired": one.acquired - start,
                "held": (now if one.released is None else one.released) - one.acquired,
                "waited": one.waited,
                "quarantine": one.quarantine,
            }
            for one in leases[-SHOWN_LEASES:]
        ],
    }


def _as_written(trees: Iterable[PlanTree], key: str) -> dict[str, Any]:
    """Return the action as its plan has it, without the blocks that it nests."""
    for tree in trees:
        place = tree.find(key)
        if place is not None:
            return {name: value for name, value in place.action.items() if name not in NESTING}
    return {}


def _attempt(
    attempt: AttemptRecord, start: float, now: float, feedback: Sequence[FeedbackPoint]
) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "sent": attempt.dispatched - start,
        "accepted_after": None
        if attempt.accepted is None
        else attempt.accepted - attempt.dispatched,
        "took": (now if attempt.ended is None else attempt.ended) - attempt.dispatched,
        "outcome": attempt.outcome or "running",
        "error": f"{attempt.error_code}: {attempt.error_message}" if attempt.error_code else "",
        "said": list(attempt.said),
        "server": attempt.server,
        "goal_id": attempt.goal_id,
        # Seconds since it was sent, share done, phase, seconds left.
        "feedback": [[one.time - attempt.dispatched, *one[1:]] for one in feedback],
    }


def _recovery(recovery: RecoveryRecord, start: float, now: float) -> dict[str, Any]:
    return {
        "strategy": recovery.strategy,
        "because": recovery.error_code or recovery.error_type,
        "started": recovery.started - start,
        "took": (now if recovery.ended is None else recovery.ended) - recovery.started,
        "outcome": recovery.outcome or "under way",
        "reason": recovery.reason,
        "helped": recovery.helped,
    }
