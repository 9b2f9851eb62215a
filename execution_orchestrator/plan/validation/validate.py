"""Applies every rule to every action and gives each issue its place in the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.document import SourceMap
from execution_orchestrator.plan.expression_types import Type
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue, Severity
from execution_orchestrator.plan.loader import with_place
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.signals import declared_signals
from execution_orchestrator.plan.validation.actions import action_issues
from execution_orchestrator.plan.validation.references import reference_issues, success_issues
from execution_orchestrator.plan.validation.robots import robot_issues
from execution_orchestrator.plan.validation.routers import router_issues
from execution_orchestrator.plan.validation.scope import Scopes
from execution_orchestrator.plan.validation.signal_declarations import signal_issues
from execution_orchestrator.plan.validation.structure import structure_issues
from execution_orchestrator.plan.validation.suspicious import suspicious_issues
from execution_orchestrator.plan.validation.template_types import template_type_issues
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
    state: Mapping[str, Type] | None = None,
) -> list[Issue]:
    """Return the issues of a plan, at most MOST_ISSUES errors, rule by rule.

    ``unavailable`` says why a known capability cannot be used on this robot; ``state`` is what
    ``robot`` has in expressions, by name, None if it is unknown.
    """
    places = list(walk(plan))
    declared = declared_signals(plan)
    scopes = Scopes(places, robot, state, declared)
    wrong: set[str] = set()  # places whose value is nothing to speak of

    def noted(issues: Iterable[Issue]) -> Iterator[Issue]:
        found = list(_bounded(issues))
        wrong.update(one.pointer for one in found if one.severity is Severity.ERROR)
        yield from found

    def unless_wrong(issues: Iterable[Issue]) -> Iterator[Issue]:
        return (issue for issue in issues if issue.pointer not in wrong)

    found = chain(
        structure_issues(plan, places, max_actions, min_confidence),
        noted(
            issue for place in places for issue in action_issues(place, robot, unavailable or {})
        ),
        signal_issues(plan, places, declared),
        robot_issues(plan, places, robot),
        noted(unless_wrong(reference_issues(places, scopes))),
        unless_wrong(
            issue for place in places for issue in template_type_issues(place, robot, scopes)
        ),
        *(suspicious_issues(place) for place in places),
        unless_wrong(router_issues(places, scopes)),
        success_issues(plan.success, places, scopes) if plan.success is not None else (),
    )
    return [
        with_place(issue, {} if source_map is None else source_map) for issue in _bounded(found)
    ]


def _bounded(found: Iterable[Issue]) -> Iterator[Issue]:
    """Limit the number of issues; errors are kept before remarks."""
    errors = remarks = 0
    for issue in found:
        if issue.severity is Severity.ERROR:
            errors += 1
            yield issue
            if errors == MOST_ISSUES:
                return
        elif remarks < MOST_ISSUES:
            remarks += 1
            yield issue
