"""The state of the engine as plain data: to compare two states, and to look at one."""

from __future__ import annotations

from typing import Any

import msgspec

from execution_orchestrator.engine.state import (
    ActionState,
    ExecutionState,
    Flow,
    Frame,
    OrchestratorState,
)

# Marks for the scheduler, and feedback that is not noted yet, are no part of the state.
_FLEETING = frozenset(
    {
        "todo",
        "entry",
        "execution",
        "held",
        "staged",
        "generation",
        "heard",
        "heard_at",
        "heard_feedback",
    }
)


def snapshot(state: OrchestratorState) -> dict[str, Any]:
    """Return everything the journal determines, as plain data."""
    return {
        "executions": {key: _execution(one) for key, one in state.executions.items()},
        "planning": list(state.planning),
        "pending": list(state.pending),
        "running": list(state.running),
        "finished": list(state.finished),
        "goals": {goal: action.key for goal, action in state.goals.items()},
        "runs": {run: action.key for run, action in state.runs.items()},
        "motions": {goal: action.key for goal, action in state.motions.items()},
        "running_goals": state.running_goals,
        "leases": {key: _slots(one) for key, one in state.leases.items()},
        "quarantined": {key: _plain(one) for key, one in state.quarantined.items()},
        "used": {key: (use.used, list(use.leases)) for key, use in state.resources.items()},
        "requests": {key: _slots(one) for key, one in state.lease_requests.items()},
        "waiting": {
            repr(signature): [entry[:3] for entry in queue.entries]
            for signature, queue in state.queues.queues.items()
            if queue.entries
        },
        "durations": {key: list(one) for key, one in state.durations.items()},
        "rates": dict(state.rate_next),
        "servers": {key: _slots(one) for key, one in state.servers.items()},
        "schedules": {key: _slots(one) for key, one in state.schedules.items()},
        "letters": {key: _slots(one) for key, one in state.dead_letters.items()},
        "held": _plain(state.held),
        "put_down": _plain(state.put_down),
        "emergency": (
            state.emergency,
            state.emergency_reason,
            state.emergency_motion,
            state.emergency_words,
        ),
        "timers": {key: _slots(one) for key, one in state.timers.items()},
        "events": state.events,
    }


def _execution(execution: ExecutionState) -> dict[str, Any]:
    data = _slots(execution)
    data["actions"] = {key: _slots(action) for key, action in execution.actions.items()}
    data["program"] = len(execution.program.data.get("actions") or ())
    return data


def _slots(thing: Any) -> dict[str, Any]:
    return {name: _plain(getattr(thing, name)) for name in thing.__slots__ if name not in _FLEETING}


def _plain(value: Any) -> Any:
    if isinstance(value, ActionState):
        return value.key
    if isinstance(value, Flow | Frame):
        return _slots(value)
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if hasattr(value, "maxlen"):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(value)
    return getattr(value, "id", "")
