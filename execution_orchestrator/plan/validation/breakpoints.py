"""Breakpoints have to be at actions that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.tree import ids_of


def breakpoint_issues(plan: Mapping[str, Any], breakpoints: Sequence[str]) -> Iterator[Issue]:
    """Check the ids, or keys (``loop[2]/id``), of actions before which a resolved plan stops."""
    if not breakpoints:
        return
    known = Names(ids_of(plan["actions"], undo=False))
    for name in breakpoints:
        # Inside a loop or a subplan the key ends with the id.
        if name.rpartition("/")[2] not in known:
            yield Issue(
                "GOAL_BREAKPOINT_UNKNOWN",
                f"there is no action {name!r} to stop before",
                hint=known.hint(name.rpartition("/")[2], "Actions"),
            )
