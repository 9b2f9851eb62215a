"""A resource-constrained project, independent of plans.

Times are whole ticks and amounts whole units, so that every schedule can be checked exactly; what a
tick is worth is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


class ProjectError(ValueError):
    """No schedule can exist: names the activity or resource that is in the way."""


@dataclass(frozen=True)
class Activity:
    """Takes ``duration`` ticks without a break, after the activities of the indices ``after``.

    ``demands`` are pairs (index of a resource, units held from start to end).
    """

    name: str
    duration: int
    after: tuple[int, ...] = ()
    demands: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Project:
    """Activities, and how many units of each resource there are at any time.

    Raises:
        ProjectError: a duration or amount is negative, a demand exceeds its capacity, an index is
            unknown, or activities wait for each other.

    """

    activities: tuple[Activity, ...]
    capacities: tuple[int, ...]

    def __post_init__(self) -> None:
        for capacity in self.capacities:
            if capacity < 0:
                raise ProjectError("a capacity is negative")
        for activity in self.activities:
            self._check(activity)
        if len(self.order) < len(self.activities):
            stuck = set(range(len(self.activities))) - set(self.order)
            names = ", ".join(self.activities[i].name for i in sorted(stuck)[:10])
            raise ProjectError(f"these activities wait for each other: {names}")

    def _check(self, activity: Activity) -> None:
        if activity.duration < 0:
            raise ProjectError(f"{activity.name} has a negative duration")
        for other in activity.after:
            if not 0 <= other < len(self.activities):
                raise ProjectError(f"{activity.name} comes after {other}, which does not exist")
        if len({resource for resource, _ in activity.demands}) < len(activity.demands):
            raise ProjectError(f"{activity.name} needs a resource twice")
        for resource, amount in activity.demands:
            if not 0 <= resource < len(self.capacities):
                raise ProjectError(f"{activity.name} needs resource {resource}: there is none")
            if amount < 0:
                raise ProjectError(f"{activity.name} needs a negative amount")
            if amount > self.capacities[resource]:
                raise ProjectError(
                    f"{activity.name} needs {amount} of resource {resource}, which has "
                    f"{self.capacities[resource]}"
                )

    @cached_property
    def followers(self) -> tuple[tuple[int, ...], ...]:
        """Return for each activity those that come directly after it."""
        found: list[list[int]] = [[] for _ in self.activities]
        for index, activity in enumerate(self.activities):
            for other in dict.fromkeys(activity.after):
                found[other].append(index)
        return tuple(map(tuple, found))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Return the indices so that each comes after all it waits for."""
        missing = [len(set(activity.after)) for activity in self.activities]
        order = [index for index, count in enumerate(missing) if count == 0]
        for index in order:
            for follower in self.followers[index]:
                missing[follower] -= 1
                if missing[follower] == 0:
                    order.append(follower)
        return tuple(order)

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """Return the ticks from each activity's start to the end if resources had no limit."""
        tails = [0] * len(self.activities)
        for index in reversed(self.order):
            longest = max((tails[f] for f in self.followers[index]), default=0)
            tails[index] = longest + self.activities[index].duration
        return tuple(tails)

    @cached_property
    def reversed(self) -> Project:
        """Return the same project with time running backwards."""
        return Project(
            tuple(
                Activity(a.name, a.duration, self.followers[index], a.demands)
                for index, a in enumerate(self.activities)
            ),
            self.capacities,
        )

    @cached_property
    def lower_bound(self) -> int:
        """Return a makespan that no schedule can beat: the longest chain, the fullest resource."""
        bound = max(self.tails, default=0)
        for resource, capacity in enumerate(self.capacities):
            work = sum(
                activity.duration * amount
                for activity in self.activities
                for used, amount in activity.demands
                if used == resource
            )
            if work:
                bound = max(bound, -(-work // capacity))
        return bound


@dataclass(frozen=True)
class Schedule:
    """When each activity starts, in ticks, and when the last one ends."""

    starts: tuple[int, ...]
    makespan: int

    @classmethod
    def of(cls, project: Project, starts: Iterable[int]) -> Schedule:
        """Return the schedule with these starts."""
        fixed = tuple(starts)
        ends = (s + a.duration for s, a in zip(fixed, project.activities, strict=True))
        return cls(fixed, max(ends, default=0))


def violations(project: Project, schedule: Schedule) -> list[str]:
    """Return in words everything that a schedule breaks; empty for a schedule that can be kept."""
    found: list[str] = []
    starts = schedule.starts
    activities = project.activities
    for index, activity in enumerate(activities):
        if starts[index] < 0:
            found.append(f"{activity.name} starts before the beginning")
        found += [
            f"{activity.name} starts before {activities[other].name} ends"
            for other in activity.after
            if starts[index] < starts[other] + activities[other].duration
        ]
    for resource, capacity in enumerate(project.capacities):
        moment = _overload(activities, starts, resource, capacity)
        if moment is not None:
            found.append(f"resource {resource} is over its capacity at {moment}")
    return found


def _overload(
    activities: Sequence[Activity], starts: Sequence[int], resource: int, capacity: int
) -> int | None:
    changes: dict[int, int] = {}
    for start, activity in zip(starts, activities, strict=True):
        for used, amount in activity.demands:
            if used == resource and activity.duration:
                changes[start] = changes.get(start, 0) + amount
                end = start + activity.duration
                changes[end] = changes.get(end, 0) - amount
    level = 0
    for moment in sorted(changes):
        level += changes[moment]
        if level > capacity:
            return moment
    return None
