"""All optimisations of a resolved plan, one after the other, and what each of them did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.learned import LearnedOf, nothing_learned
from execution_orchestrator.plan.optimise.batching import with_batches
from execution_orchestrator.plan.optimise.estimates import Distance, Measure, with_estimates
from execution_orchestrator.plan.optimise.expected_run import ExpectedRun, expected_run
from execution_orchestrator.plan.optimise.options import OptimiseOptions
from execution_orchestrator.plan.optimise.order import with_order
from execution_orchestrator.plan.optimise.settling import with_settling


@dataclass(frozen=True)
class Optimised:
    """The plan that will run, what was changed, and how both are expected to run.

    ``before`` has the better estimates too, so that the two can be compared.
    """

    plan: dict[str, Any]
    changes: tuple[PlanChange, ...]
    before: ExpectedRun
    after: ExpectedRun


def unmeasured(_start: Any, _goal: Any) -> Distance | None:
    """Measure nothing: without a map and without places there are no distances."""
    return None


def optimise(
    plan: Mapping[str, Any],
    robot: RobotModel,
    options: OptimiseOptions,
    *,
    measure: Measure = unmeasured,
    learned: LearnedOf = nothing_learned,
    places: frozenset[str] = frozenset(),
) -> Optimised:
    """Return a plan with the same meaning that is no slower than the given one.

    ``measure`` may take its time: it is asked once for each motion. ``learned`` tells how long
    actions took in runs of before. ``places`` are the names of
    goals that do not move.
    """
    made, changes = dict(plan), list[PlanChange]()
    if "estimates" in options.kinds:
        made, more = with_estimates(made, robot, measure, learned)
        changes += more
    before = _expected(made, robot, options)
    given = made
    if "batching" in options.kinds:
        made, more = with_batches(made, robot, options, places=places, measure=measure)
        changes += more
    if "settling" in options.kinds:
        made, more = with_settling(made, robot, options)
        changes += more
    if "order" in options.kinds:
        made, more = with_order(made, robot.resources, options)
        changes += more
    after = before
    if made != given:
        after = _expected(made, robot, options)
    return Optimised(made, tuple(changes), before, after)


def _expected(plan: Mapping[str, Any], robot: RobotModel, options: OptimiseOptions) -> ExpectedRun:
    return expected_run(
        plan,
        robot.resources,
        max_concurrent=options.max_concurrent,
        reserve_after=options.reserve_after,
    )
