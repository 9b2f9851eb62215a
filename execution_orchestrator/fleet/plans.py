"""What is wrong with the plans of a mission's tasks, as far as it can be known without a robot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.runtime.intake import Intake

PlanCheck = Callable[[str], Sequence[Issue]]  # of a plan's text
MOST_KEPT = 100  # plans whose issues are remembered
CAPABILITY_UNKNOWN = "MISSION_CAPABILITY_UNKNOWN"
# What depends on how a robot is configured: one of the fleet may have it.
_OF_A_ROBOT = frozenset(
    {
        "ACTION_TYPE_UNAVAILABLE",
        "RESOURCE_DEMAND_IMPOSSIBLE",
        "RESOURCE_UNKNOWN",
        "ROBOT_UNABLE",
        "ROBOT_UNKNOWN",
    }
)


def plan_check(intake: Intake) -> PlanCheck:
    """Return a check that finds in a plan what the orchestrator of a robot would find."""

    @lru_cache(MOST_KEPT)  # missions often ask for the same again
    def check(text: str) -> Sequence[Issue]:
        return tuple(map(_for_a_fleet, intake.prepare("", text, "", optimise="none").issues))

    return check


def issues_in(plan: Mapping[str, Any], check: PlanCheck, at: str) -> Iterator[Issue]:
    """Yield the issues of a plan inside a mission document, at a pointer."""
    for issue in check(json.dumps(plan)):
        yield replace(issue, pointer=f"{at}{issue.pointer}", line=0, column=0)


def _for_a_fleet(issue: Issue) -> Issue:
    """Return an issue that depends on a robot's configuration as a warning."""
    if issue.code == "ACTION_TYPE_UNKNOWN":
        said = f"no robot that is known here can do this: {issue.message}"
        return replace(issue, code=CAPABILITY_UNKNOWN, message=said, severity=Severity.WARNING)
    if issue.code in _OF_A_ROBOT and issue.severity is Severity.ERROR:
        return replace(issue, severity=Severity.WARNING)
    return issue
