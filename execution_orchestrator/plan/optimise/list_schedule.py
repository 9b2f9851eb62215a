"""A good schedule in milliseconds: priority rules, justification and a few seeded variations."""

from __future__ import annotations

import random
from collections.abc import Sequence

from execution_orchestrator.plan.optimise.generation import parallel, serial
from execution_orchestrator.plan.optimise.priority_rules import RULES, latest_finish
from execution_orchestrator.plan.optimise.project import Project, Schedule

SAMPLES = 30  # variations of a project of at most SAMPLED_SIZE activities
SAMPLED_SIZE = 100  # larger projects get fewer, so that the time stays about the same
MAX_ROUNDS = 5  # of justification; it nearly always stops by itself after two


def list_schedule(project: Project, *, seed: int = 0) -> Schedule:
    """Return the best of several rules and schemes, improved; the same seed, the same schedule."""
    best: Schedule | None = None
    for rule in RULES.values():
        priorities = rule(project)
        for scheme in (serial, parallel):
            made = justified(project, scheme(project, priorities))
            if best is None or made.makespan < best.makespan:
                best = made
            if best.makespan == project.lower_bound:
                return best
    assert best is not None  # there are rules
    return _varied(project, best, random.Random(seed))


def _varied(project: Project, best: Schedule, chance: random.Random) -> Schedule:
    """Try priorities near those of the rule and near those of the best schedule so far."""
    size = len(project.activities)
    samples = SAMPLES if size <= SAMPLED_SIZE else SAMPLES * SAMPLED_SIZE**2 // size**2
    rule = latest_finish(project)
    durations = [activity.duration for activity in project.activities]
    spread = 2.0 * max(1.0, sum(durations) / max(1, size))
    for number in range(samples):
        middle: Sequence[float] = rule if number % 3 == 0 else best.starts
        priorities = [value + chance.uniform(-spread, spread) for value in middle]
        made = justified(project, serial(project, priorities))
        if made.makespan < best.makespan:
            best = made
            if best.makespan == project.lower_bound:
                break
    return best


def justified(project: Project, schedule: Schedule) -> Schedule:
    """Push everything as late as possible, then as early as possible, while that shortens it."""
    backwards = project.reversed
    place = {index: position for position, index in enumerate(project.order)}
    for _ in range(MAX_ROUNDS):
        ends = [
            start + activity.duration
            for start, activity in zip(schedule.starts, project.activities, strict=True)
        ]
        late = serial(backwards, _ranks([(-ends[i], -place[i]) for i in range(len(ends))]))
        starts = [
            late.makespan - start - activity.duration
            for start, activity in zip(late.starts, project.activities, strict=True)
        ]
        early = serial(project, _ranks([(start, place[i]) for i, start in enumerate(starts)]))
        if early.makespan >= schedule.makespan:
            return schedule
        schedule = early
    return schedule


def _ranks(keys: Sequence[tuple[int, int]]) -> list[float]:
    """Return for each key how many are smaller."""
    ranks = [0.0] * len(keys)
    for rank, index in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        ranks[index] = float(rank)
    return ranks
