"""Records as the web page draws them: plain JSON data of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from execution_orchestrator.engine.events import PictureTaken
from execution_orchestrator.engine.status import ACTIVE_ACTION, ActionStatus
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.web.plan_graph import states
from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.record import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
)

SHOWN_BARS = 400
SHOWN_LINES = 400  # of a rollback
SHOWN_CHANGES = 120  # actions of a new plan
SHOWN_REPLANNINGS = 20
SHOWN_WORDS = 20  # failures
SHOWN_PICTURES = 40
NOWHERE = "no resource"  # row of attempts that hold none


def _signals(record: ExecutionRecord) -> list[dict[str, Any]]:
    """Return the signals that actions wait for, with what the plan says of each."""
    found: list[dict[str, Any]] = []
    declared = record.plan.get("signals") or {}
    for key, action in list(record.actions.items()):
        if action.action_type == "wait_for_signal" and action.status == ActionStatus.WAITING:
            place = record.tree.find(key)
            name = str(place.action.get("signal") or "") if place is not None else ""
            found.append({"action_id": key, "name": name, "type": declared.get(name, {})})
    return found


def headline(record: ExecutionRecord, now: float) -> dict[str, Any]:
    """Return one line about an execution; times in seconds."""
    progress = progress_of(record, now)
    return {
        "execution_id": record.execution_id,
        "command": record.command,
        "requester": record.requester,
        "status": record.status,
        "reason": record.reason,
        "priority": record.priority,
        "accepted": record.accepted,
        "paused": record.paused,
        "at_breakpoint": bool(record.breakpoints),
        "questions": [
            {"action_id": key, "question": text} for key, text in record.questions.items()
        ],
        "signals": _signals(record),
        "percentage": progress.percentage,
        "phase": progress.phase,
        "elapsed": progress.elapsed,
        "estimated_remaining": progress.remaining,
        # Records change while they are read: a copy of the list is all that has to hold still.
        "attempts": sum(len(action.attempts) for action in list(record.actions.values())),
        "recoveries": record.recovery_runs,
        "picture": pictures[-1].picture if (pictures := record.pictures) else "",
    }


def taken(one: PictureTaken, start: float) -> dict[str, Any]:
    """Return the caption of a camera's picture."""
    return {
        "attempt": one.attempt,
        "picture": one.picture,
        "after": one.time - start,
        "seen": [sighting.object_id for sighting in one.sightings],
    }


def detail(record: ExecutionRecord, now: float, bars_to: int = 0) -> dict[str, Any]:
    """Return what the page shows of one execution, except for the list of its actions.

    Of the timeline's bars, in the order in which they began, there are the 400 up to ``bars_to``;
    0: the newest.
    """
    figures = compute_figures(record, now=now)
    bars = sorted(_bars(record), key=lambda bar: bar["start"])
    end = min(bars_to or len(bars), len(bars))
    first = max(0, end - SHOWN_BARS)
    return {
        **headline(record, now),
        "now": record.until(now),
        "wall_offset": record.wall.offset,
        "bars": bars[first:end],
        "bars_from": first,
        "bars_in_all": len(bars),
        "pauses": [{"start": start, "end": end} for start, end in record.pauses],
        "replannings": [
            {
                "time": change.time,
                "dropped": list(change.dropped[:SHOWN_CHANGES]),
                "added": list(change.added[:SHOWN_CHANGES]),
            }
            for change in record.replannings[-SHOWN_REPLANNINGS:]
        ],
        "rollback": [
            {"action_id": key, "what": what, "why": why}
            for key, what, why in (record.rollback.rows() if record.rollback else ())
        ][:SHOWN_LINES],
        "words": _words(record),
        "pictures": [
            {"action_id": one.key, **taken(one, record.accepted)}
            for one in record.pictures[-SHOWN_PICTURES:]
        ],
        "graph": states(record),
        "action_count": len(record.actions),
        "waits": _waits(record),
        "critical_path": list(figures.critical_path),
        "figures": {
            "success_rate": figures.success_rate,
            "error_rate": figures.error_rate,
            "parallel_efficiency": figures.parallel_efficiency,
            "quality_score": figures.quality_score,
            "total_cost": figures.total_cost,
            "retries": figures.retries,
        },
    }


def _waits(record: ExecutionRecord) -> str:
    """Return what the execution or its first ready action waits for, '' while an action runs."""
    steps = [one for one in list(record.actions.values()) if not one.is_control_flow]
    if record.is_final or any(one.status in ACTIVE_ACTION for one in steps):
        return ""
    if record.breakpoints:
        return f"stopped at a breakpoint before {', '.join(sorted(record.breakpoints))}"
    return next((one.reason for one in steps if one.status == ActionStatus.READY), "")


def _words(record: ExecutionRecord) -> list[dict[str, Any]]:
    return [
        {
            "time": when,
            "action_id": key,
            "attempt": attempt.number,
            "error": attempt.error_code,
            "said": list(attempt.said),
        }
        for when, key, attempt in record.failures_with_server_logs()[-SHOWN_WORDS:]
    ]


def _bars(record: ExecutionRecord) -> Iterator[dict[str, Any]]:
    """Yield each attempt on the rows of the resources it held, and the recoveries there."""
    held: dict[str, list[LeaseRecord]] = {}
    for lease in record.leases.values():
        held.setdefault(lease.key, []).append(lease)
    for action in list(record.actions.values()):
        leases = held.get(action.key, [])
        for attempt in list(action.attempts):
            for row in _rows(leases, attempt.dispatched, attempt.ended):
                yield _attempt_bar(action, attempt, row)
    for index, recovery in enumerate(record.recoveries):
        for row in _rows(held.get(recovery.key, []), recovery.started, recovery.ended):
            yield {
                "id": f"recovery/{index}/{row}",
                "action_id": recovery.key,
                "row": row,
                "label": recovery.strategy,
                "title": f"{recovery.key} recovers with {recovery.strategy}: "
                f"{recovery.outcome or 'under way'} {recovery.reason}",
                "start": recovery.started,
                "end": recovery.ended,
                "kind": "recovery",
            }


def _rows(leases: Iterable[LeaseRecord], start: float, end: float | None) -> list[str]:
    found = {
        lease.resource
        for lease in leases
        if (end is None or lease.acquired <= end)
        and (lease.released is None or lease.released >= start)
    }
    return sorted(found) or [NOWHERE]


def _attempt_bar(action: ActionRecord, attempt: AttemptRecord, row: str) -> dict[str, Any]:
    title = f"{action.key}, attempt {attempt.number}: {attempt.outcome or 'running'}"
    if attempt.error_code:
        title += f", {attempt.error_code} {attempt.error_message}"
    again = f" ({attempt.number})" if attempt.number > 1 else ""
    return {
        "id": f"attempt/{action.key}/{attempt.number}/{row}",
        "action_id": action.key,
        "row": row,
        "label": action.key + again,
        "title": title,
        "start": attempt.dispatched,
        "end": attempt.ended,
        "kind": attempt.outcome or "running",
    }
