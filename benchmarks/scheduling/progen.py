"""Random projects with given network complexity, resource factor and resource strength.

The three parameters are those of the generator of Kolisch, Sprecher and Drexl that made PSPLIB:

* complexity: precedence arcs per activity, redundant ones not counted;
* factor: the share of the resources an activity needs, on average (0 to 1);
* strength: 0, the capacity is what the neediest activity takes; 1, nothing ever waits.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from execution_orchestrator.plan.optimise.generation import serial
from execution_orchestrator.plan.optimise.project import Activity, Project


@dataclass(frozen=True)
class Recipe:
    """What a random project is like."""

    activities: int = 30
    resources: int = 4
    complexity: float = 1.8
    factor: float = 0.5
    strength: float = 0.2
    longest: int = 10
    most: int = 10


# The parameter levels of the sets j30 to j120.
COMPLEXITIES = (1.5, 1.8, 2.1)
FACTORS = (0.25, 0.5, 0.75, 1.0)
STRENGTHS = (0.2, 0.5, 0.7, 1.0)


def recipes(activities: int) -> list[Recipe]:
    """Return one recipe for each combination of the levels."""
    return [
        Recipe(activities=activities, complexity=c, factor=f, strength=s)
        for c in COMPLEXITIES
        for f in FACTORS
        for s in STRENGTHS
    ]


def random_project(recipe: Recipe, seed: int) -> Project:
    """Return a project; the same recipe and seed give the same one."""
    chance = random.Random(seed)
    count = recipe.activities
    after = _network(recipe, chance)
    demands = _demands(recipe, chance)
    activities = [
        Activity(
            str(index + 1),
            chance.randint(1, recipe.longest),
            tuple(sorted(after[index])),
            tuple(sorted(demands[index].items())),
        )
        for index in range(count)
    ]
    return Project(tuple(activities), _capacities(recipe, activities))


def _network(recipe: Recipe, chance: random.Random) -> list[set[int]]:
    count = recipe.activities
    after: list[set[int]] = [set() for _ in range(count)]
    above: list[set[int]] = [set() for _ in range(count)]  # all predecessors
    first = min(3, count)
    for index in range(first, count):
        chosen = chance.randrange(max(0, index - 12), index)
        after[index].add(chosen)
        above[index] = {chosen} | above[chosen]
    wanted = round(recipe.complexity * count)
    for _ in range(50 * count):
        if sum(map(len, after)) >= wanted:
            break
        late = chance.randrange(first, count) if count > first else 0
        early = chance.randrange(late) if late else 0
        # An arc between two in order already, or one that makes another redundant, says nothing.
        if early == late or early in above[late] or any(e in above[early] for e in after[late]):
            continue
        below = [n for n in range(count) if n == late or late in above[n]]
        gained = {early} | above[early]
        if any(gained & after[n] for n in below):
            continue
        after[late].add(early)
        for n in below:
            above[n] |= gained
    return after


def _demands(recipe: Recipe, chance: random.Random) -> list[dict[int, int]]:
    pairs = [(a, r) for a in range(recipe.activities) for r in range(recipe.resources)]
    chosen = chance.sample(pairs, round(recipe.factor * len(pairs)))
    demands: list[dict[int, int]] = [{} for _ in range(recipe.activities)]
    for activity, resource in chosen:
        demands[activity][resource] = chance.randint(1, recipe.most)
    return demands


def _capacities(recipe: Recipe, activities: list[Activity]) -> tuple[int, ...]:
    unlimited = Project(
        tuple(activities), tuple(recipe.most * len(activities) for _ in range(recipe.resources))
    )
    starts = serial(unlimited, [0.0] * len(activities)).starts
    capacities = []
    for resource in range(recipe.resources):
        least = max((n for a in activities for r, n in a.demands if r == resource), default=0)
        peak = _peak(activities, starts, resource)
        capacities.append(least + round(recipe.strength * (peak - least)))
    return tuple(capacities)


def _peak(activities: list[Activity], starts: tuple[int, ...], resource: int) -> int:
    changes: dict[int, int] = {}
    for start, activity in zip(starts, activities, strict=True):
        amount = dict(activity.demands).get(resource, 0)
        changes[start] = changes.get(start, 0) + amount
        end = start + activity.duration
        changes[end] = changes.get(end, 0) - amount
    level = peak = 0
    for moment in sorted(changes):
        level += changes[moment]
        peak = max(peak, level)
    return peak
