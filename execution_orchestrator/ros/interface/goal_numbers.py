"""The numbers of an ExecuteCommand goal: what is out of range is refused, never corrected."""

from __future__ import annotations

import math

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import MAX_SECONDS

HIGHEST_PRIORITY = 100


def wrong_number(timeout: float, priority: int) -> Issue | None:
    """Return what is wrong with the timeout (seconds) or the priority of a goal."""
    if not (math.isfinite(timeout) and 0.0 <= timeout <= MAX_SECONDS):
        return Issue(
            "GOAL_TIMEOUT_INVALID",
            f"the goal's timeout is {timeout:g} s",
            hint=f"Give 0.0 for the plan's own limit, or at most {MAX_SECONDS:g} s (a week).",
        )
    if abs(priority) > HIGHEST_PRIORITY:
        return Issue(
            "GOAL_PRIORITY_INVALID",
            f"the goal's priority is {priority}",
            hint=f"Give -{HIGHEST_PRIORITY} (least) to {HIGHEST_PRIORITY} (most urgent).",
        )
    return None
