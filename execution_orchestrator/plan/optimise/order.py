"""The order of actions that compete for resources, for the shortest makespan.

The result are hints (`planned_start`): the engine still starts any action that is ready and has its
resources, and dependencies are not changed. So a bad hint costs time only. The makespan that is
reported is that of the engine's behaviour with the hints, not the optimum of the solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.optimise.expected_run import (
    TICKS,
    PlanProject,
    dispatch_schedule,
    project_of_plan,
)
from execution_orchestrator.plan.optimise.generation import parallel
from execution_orchestrator.plan.optimise.list_schedule import list_schedule
from execution_orchestrator.plan.optimise.options import OptimiseOptions
from execution_orchestrator.plan.optimise.priority_rules import RULES
from execution_orchestrator.plan.optimise.project import Schedule
from execution_orchestrator.plan.optimise.solver import SolverMissingError, solve
from execution_orchestrator.plan.tree import Editable as Action
from execution_orchestrator.plan.tree import count_of, with_actions

MOST_ACTIONS = 1000  # of a plan that is reordered
LEAST_GAIN = 0.05  # seconds


@dataclass(frozen=True)
class _Candidate:
    source: str
    schedule: Schedule
    note: str = ""


def with_order(
    plan: Mapping[str, Any], resources: Mapping[str, ResourceSpec], options: OptimiseOptions
) -> tuple[dict[str, Any], list[PlanChange]]:
    """Return the plan with hints for the scheduler if they make it shorter, and the change."""
    if count_of(plan["actions"]) > MOST_ACTIONS:
        return dict(plan), [
            _refusal(f"the plan has more than {MOST_ACTIONS} actions, it keeps its order")
        ]
    whole = project_of_plan(
        plan,
        resources,
        max_concurrent=options.max_concurrent,
        reserve_after=options.reserve_after,
    )
    usual = dispatch_schedule(whole)
    if usual.makespan <= whole.project.lower_bound:
        return dict(plan), []
    unknown = [task.key for task in whole.tasks if task.is_leaf and not _is_estimated(task.action)]
    if unknown:
        return dict(plan), [
            _refusal(f"nobody knows how long these take: {', '.join(unknown[:5])}", unknown)
        ]
    best, planned, changes = usual, dict[str, float](), list[PlanChange]()
    source = ""
    for candidate in _candidates(whole, options):
        if candidate.note:
            changes.append(_refusal(candidate.note))
        hints = _hints(whole, candidate.schedule)
        kept = dispatch_schedule(whole, hints)
        if kept.makespan < best.makespan:
            best, planned, source = kept, hints, candidate.source
        if best.makespan <= whole.project.lower_bound:
            break
    if usual.makespan - best.makespan < LEAST_GAIN * TICKS:
        return dict(plan), changes
    changes.insert(0, _change(whole, usual, best, source))

    def edit(key: str, action: Action) -> Action:
        return {**action, "planned_start": planned[key]} if key in planned else action

    return with_actions(plan, edit), changes


def _candidates(whole: PlanProject, options: OptimiseOptions) -> Iterator[_Candidate]:
    project = whole.project
    for name, rule in RULES.items():
        yield _Candidate(f"the rule {name}", parallel(project, rule(project)))
    listed = list_schedule(project, seed=options.seed)
    yield _Candidate("the list schedule", listed)
    if options.budget <= 0.0:
        return
    try:
        solution = solve(project, listed, budget=options.budget, seed=options.seed)
    except SolverMissingError as failure:
        yield _Candidate("the list schedule", listed, note=str(failure))
        return
    yield _Candidate("the solver", solution.schedule)


def _hints(whole: PlanProject, schedule: Schedule) -> dict[str, float]:
    """Return a moment for every action, no two the same: nothing is left to ties."""
    leaves = [index for index, task in enumerate(whole.tasks) if task.is_leaf]
    leaves.sort(key=lambda index: (schedule.starts[index], -whole.project.tails[index], index))
    return {
        whole.tasks[index].key: round(schedule.starts[index] / TICKS + place * 1e-6, 6)
        for place, index in enumerate(leaves)
    }


def _is_estimated(action: Mapping[str, Any] | None) -> bool:
    return action is None or "server" not in action or bool(action["estimated_duration"])


def _change(whole: PlanProject, usual: Schedule, best: Schedule, source: str) -> PlanChange:
    earlier = [
        task.key
        for task, before, after in zip(whole.tasks, usual.starts, best.starts, strict=True)
        if task.is_leaf and after < before
    ]
    before, after = usual.makespan / TICKS, best.makespan / TICKS
    least = whole.project.lower_bound / TICKS
    return PlanChange(
        kind="order",
        action_ids=tuple(earlier),
        reason=(
            f"{', '.join(earlier[:5])}{' and more' if len(earlier) > 5 else ''} first: {source} "
            f"makes it {before - after:.1f} s shorter (it cannot take less than {least:.1f} s)"
        ),
        before=before,
        after=after,
    )


def _refusal(reason: str, keys: list[str] | None = None) -> PlanChange:
    return PlanChange(kind="order", action_ids=tuple(keys or ()), reason=reason, applied=False)
