"""Timeouts learned from how long the goals of a capability took before.

The durations are part of the state, so they are as deterministic as everything else; the timeout
of an attempt is in its TaskStarted.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

from execution_orchestrator.engine.state import ActionState, OrchestratorState

KEPT = 200  # durations of each capability, the newest


def note_duration(state: OrchestratorState, action: ActionState, ended: float) -> None:
    """Take note of how long a goal took; a pause in between makes that worthless."""
    if action.node.kind == "capability" and action.execution.paused_at < action.dispatched:
        _add(state, action, max(0.0, ended - action.dispatched))


def note_timeout(state: OrchestratorState, action: ActionState) -> None:
    """Take note of a goal that needed more time than it had.

    It counts as longer than that by the learned timeout's own margin. Otherwise, only the quick
    ones would be counted, and the timeout would become ever shorter.
    """
    settings = action.node.adaptive_timeout
    if settings and action.timeout is not None:
        _add(state, action, action.timeout * settings["factor"])


def _add(state: OrchestratorState, action: ActionState, seconds: float) -> None:
    kind = action.node.action_type
    found = state.durations.get(kind)
    if found is None:
        found = state.durations[kind] = deque(maxlen=KEPT)
    found.append(seconds)


def learned_timeout(
    state: OrchestratorState, action_type: str, settings: Mapping[str, Any]
) -> float | None:
    """Return the timeout in seconds, None as long as too little is known."""
    durations = state.durations.get(action_type, ())
    if len(durations) < settings["min_samples"]:
        return None
    rank = math.ceil(settings["percentile"] * len(durations)) - 1
    seconds: float = sorted(durations)[max(0, rank)] * settings["factor"]
    return float(min(max(seconds, settings["minimum"]), settings["maximum"]))
