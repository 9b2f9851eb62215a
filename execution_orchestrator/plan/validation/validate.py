"""Applies every rule to every action and gives each issue its place in the document."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.loader import SourceMap, with_place
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.validation.actions import action_issues
from execution_orchestrator.plan.validation.references import reference_issues
from execution_orchestrator.plan.validation.robots import robot_issues
from execution_orchestrator.plan.validation.structure import structure_issues
from execution_orchestrator.plan.validation.walk import walk

MIN_CONFIDENCE = 0.0


def validate(
    plan: Plan,
    robot: RobotModel,
    *,
    unavailable: Mapping[str, str] | None = None,
    source_map: SourceMap | None = None,
    max_actions: int = 10_000,
    min_confidence: float = MIN_CONFIDENCE,
) -> list[Issue]:
    """Return everything that is wrong with the plan, in document order.

    ``unavailable`` says why a known capability cannot be used on this robot.
    """
    places = list(walk(plan))
    issues = list(structure_issues(plan, places, max_actions, min_confidence))
    for place in places:
        issues += action_issues(place, robot, unavailable or {})
    issues += robot_issues(plan, places, robot)
    issues += reference_issues(plan, places)
    return [with_place(issue, source_map or {}) for issue in issues]
