"""The shortest schedule OR-Tools CP-SAT finds in the time it is given."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import reduce
from math import gcd
from typing import Any

from execution_orchestrator.extras import how_to_get
from execution_orchestrator.plan.optimise.project import Project, Schedule, violations

log = logging.getLogger(__name__)
# CP-SAT's own, repeatable measure of effort: about so many of its units fit into a second. A little
# less than a machine of today does, so that normally the effort ends the search and not the clock.
EFFORT_PER_SECOND = 0.25
PUNCTUAL = 0.98  # of the budget: the solver looks at the clock only now and then


class SolverMissingError(RuntimeError):
    """OR-Tools is not installed; says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            "OR-Tools is not installed, so only the list schedule is available: "
            f"{how_to_get('optimise')}"
        )


@dataclass(frozen=True)
class Solution:
    """The best schedule known, and whether it is proven that none is shorter.

    ``repeatable``: the effort ended the search and not the clock, so the same seed gives the same
    schedule on any machine. ``seconds`` is wall time.
    """

    schedule: Schedule
    optimal: bool
    bound: int
    repeatable: bool
    seconds: float


def solve(
    project: Project, known: Schedule, *, budget: float, seed: int = 0, workers: int = 1
) -> Solution:
    """Return a schedule that is no longer than ``known``, which seeds the search.

    ``budget`` is seconds; whatever is the best by then is returned. One worker is repeatable; more
    search side by side and may end in different schedules of the same length.

    Raises:
        SolverMissingError: OR-Tools is not installed.

    """
    began = time.monotonic()
    bound = project.lower_bound
    if known.makespan <= bound or budget <= 0.0:
        return Solution(known, known.makespan <= bound, bound, repeatable=True, seconds=0.0)
    cp_model = _cp_model()
    tick = reduce(gcd, (a.duration for a in project.activities), 0) or 1
    model, starts = _model(cp_model, project, known, tick)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(
        0.01, PUNCTUAL * budget - (time.monotonic() - began)
    )
    solver.parameters.max_deterministic_time = budget * EFFORT_PER_SECOND * workers
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    # Linear relaxations say little about such projects; without them it finds and proves sooner.
    solver.parameters.linearization_level = 0
    status = solver.solve(model)
    spent = time.monotonic() - began
    optimal = status == cp_model.OPTIMAL
    bound = max(bound, round(solver.best_objective_bound) * tick)
    repeatable = workers == 1 and (optimal or solver.wall_time < 0.95 * budget)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solution(known, False, bound, repeatable, spent)
    found = Schedule.of(project, (solver.value(start) * tick for start in starts))
    broken = violations(project, found)
    if broken:
        log.error("the solver's schedule cannot be kept, so it is not used: %s", broken[0])
        return Solution(known, False, project.lower_bound, repeatable, spent)
    best = found if found.makespan < known.makespan else known
    return Solution(best, optimal, bound, repeatable, spent)


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model  # noqa: PLC0415
    except ImportError:
        raise SolverMissingError from None
    return cp_model


def _model(cp_model: Any, project: Project, known: Schedule, tick: int) -> tuple[Any, list[Any]]:
    """Return the model and its start variables; the known schedule bounds and hints it."""
    model = cp_model.CpModel()
    horizon = known.makespan // tick
    activities = project.activities
    lengths = [activity.duration // tick for activity in activities]
    earliest = _earliest(project)
    starts = [
        model.new_int_var(
            earliest[index] // tick, horizon - project.tails[index] // tick, activity.name
        )
        for index, activity in enumerate(activities)
    ]
    for index, activity in enumerate(activities):
        model.add_hint(starts[index], known.starts[index] // tick)
        for other in activity.after:
            model.add(starts[index] >= starts[other] + lengths[other])
    intervals = [
        model.new_fixed_size_interval_var(start, length, activity.name)
        for start, length, activity in zip(starts, lengths, activities, strict=True)
    ]
    for resource, capacity in enumerate(project.capacities):
        users = [
            (intervals[index], amount)
            for index, activity in enumerate(activities)
            for used, amount in activity.demands
            if used == resource and amount and lengths[index]
        ]
        if sum(amount for _, amount in users) <= capacity:
            continue
        if all(2 * amount > capacity for _, amount in users):
            model.add_no_overlap([interval for interval, _ in users])
        else:
            model.add_cumulative(
                [interval for interval, _ in users], [amount for _, amount in users], capacity
            )
    makespan = model.new_int_var(project.lower_bound // tick, horizon, "makespan")
    for start, length in zip(starts, lengths, strict=True):
        model.add(makespan >= start + length)
    model.add_hint(makespan, horizon)
    model.minimize(makespan)
    return model, starts


def _earliest(project: Project) -> list[int]:
    earliest = [0] * len(project.activities)
    for index in project.order:
        end = earliest[index] + project.activities[index].duration
        for follower in project.followers[index]:
            earliest[follower] = max(earliest[follower], end)
    return earliest
