"""From priorities to schedules: the serial and the parallel generation scheme.

The serial scheme places one activity after the other at its earliest feasible moment; some order of
activities makes it produce an optimum. The parallel scheme goes through time and starts whatever
can start, most urgent first: what the engine does, so its schedules are what a robot really keeps.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf

from execution_orchestrator.plan.optimise.profile import Profile
from execution_orchestrator.plan.optimise.project import Project, Schedule

Priorities = Sequence[float]  # the smallest goes first
Key = tuple[float, ...]
UrgencyKey = Callable[[int, int], Key]
Sides = Mapping[int, tuple[tuple[int, int], ...]]
Need = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]
Waiting = tuple[Key, int, int]
NO_SIDES: Sides = {}


@dataclass(frozen=True)
class Reservations:
    """An activity that has waited more than ``after`` keeps the resources ``of`` it from others.

    ``after`` is in ticks, ``of`` gives the names of an activity's resources by its index.
    """

    after: float = inf
    of: Mapping[int, frozenset[str]] = field(default_factory=dict)


NO_RESERVATIONS = Reservations()


def serial(project: Project, priorities: Priorities) -> Schedule:
    """Place the most urgent activity whose predecessors are placed, until all are."""
    activities = project.activities
    missing = [len(set(activity.after)) for activity in activities]
    ready = [(priorities[i], i) for i, count in enumerate(missing) if count == 0]
    heapq.heapify(ready)
    profile = Profile(project.capacities)
    starts = [0] * len(activities)
    earliest = [0] * len(activities)
    while ready:
        index = heapq.heappop(ready)[1]
        activity = activities[index]
        start = profile.earliest(earliest[index], activity.duration, activity.demands)
        profile.reserve(start, activity.duration, activity.demands)
        starts[index] = start
        end = start + activity.duration
        for follower in project.followers[index]:
            earliest[follower] = max(earliest[follower], end)
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (priorities[follower], follower))
    return Schedule.of(project, starts)


def parallel(project: Project, priorities: Priorities) -> Schedule:
    """Start, whenever something ends, all that can start, most urgent first."""
    return dispatched(project, lambda index, _: (priorities[index], 0.0))


def dispatched(
    project: Project,
    key: UrgencyKey,
    sides: Sides = NO_SIDES,
    reservations: Reservations = NO_RESERVATIONS,
) -> Schedule:
    """Do the same with an urgency that may depend on the moment an activity becomes ready.

    ``key(index, ready)`` sorts those who wait, the smallest first; of equals the one that has
    waited longer. What ends at the same moment ends one after the other, in the order in which it
    started: that is how the engine hears of it, and it never lets a robot wait for what may come
    next. ``sides`` gives, for some activities, (group, side) pairs: of one group only
    activities of one side run side by side, as readers and writers do.
    """
    return _Dispatching(project, key, sides, reservations).schedule()


class _Dispatching:
    """Goes through time. Activities that need the same queue up behind each other.

    So a moment costs one look per kind of need and not one per waiting activity.
    """

    def __init__(
        self, project: Project, key: UrgencyKey, sides: Sides, reservations: Reservations
    ) -> None:
        self._project = project
        self._key = key
        self._sides = sides
        self._reservations = reservations
        self._ready = [0] * len(project.activities)
        self._free = list(project.capacities)
        self._inside: Counter[tuple[int, int]] = Counter()
        self._queues: dict[Need, list[Waiting]] = {}
        self._arrivals = count()
        self._missing = [len(set(activity.after)) for activity in project.activities]
        self._starts = [0] * len(project.activities)

    def schedule(self) -> Schedule:
        activities = self._project.activities
        self._wait([index for index, activity in enumerate(activities) if not activity.after], 0)
        running: list[tuple[int, int, int]] = []
        started = count()
        now = 0
        while True:
            for index in self._start_all(now):
                self._starts[index] = now
                heapq.heappush(running, (now + activities[index].duration, next(started), index))
            if not running:
                return Schedule.of(self._project, self._starts)
            now, _, ended = heapq.heappop(running)
            self._take(ended, -1)
            self._wait(self._released(ended), now)

    def _wait(self, ready: list[int], now: int) -> None:
        """Queue up; what takes no time and needs nothing is over before anything else starts."""
        for index in ready:
            activity = self._project.activities[index]
            if activity.duration or activity.demands:
                self._ready[index] = now
                queue = self._queues.setdefault(self._need(index), [])
                heapq.heappush(queue, (self._key(index, now), next(self._arrivals), index))
                continue
            self._starts[index] = now
            ready.extend(self._released(index))

    def _released(self, ended: int) -> list[int]:
        """Return those that waited for this one only."""
        found = []
        for follower in self._project.followers[ended]:
            self._missing[follower] -= 1
            if not self._missing[follower]:
                found.append(follower)
        return found

    def _start_all(self, now: int) -> list[int]:
        """Start all actions in the queues whose resources are free together with what runs."""
        heads = [(queue[0], need) for need, queue in self._queues.items() if queue]
        heapq.heapify(heads)
        chosen: list[int] = []
        reserved: set[str] = set()
        while heads:
            (_, _, index), need = heapq.heappop(heads)
            own = self._reservations.of.get(index, frozenset())
            if reserved & own or not self._fits(need):
                if now - self._ready[index] > self._reservations.after:
                    reserved |= own
                continue
            self._take(index, 1)
            queue = self._queues[need]
            heapq.heappop(queue)
            chosen.append(index)
            if queue:
                heapq.heappush(heads, (queue[0], need))
        return chosen

    def _need(self, index: int) -> Need:
        return self._project.activities[index].demands, self._sides.get(index, ())

    def _fits(self, need: Need) -> bool:
        demands, sides = need
        return all(self._free[resource] >= amount for resource, amount in demands) and not any(
            self._inside[group, 1 - side] for group, side in sides
        )

    def _take(self, index: int, sign: int) -> None:
        demands, sides = self._need(index)
        for resource, amount in demands:
            self._free[resource] -= sign * amount
        for place in sides:
            self._inside[place] += sign
