"""From priorities to schedules: the serial and the parallel generation scheme.

The serial scheme places one activity after the other at its earliest feasible moment; some order of
activities makes it produce an optimum. The parallel scheme goes through time and starts whatever
can start, most urgent first: what the engine does, so its schedules are what a robot really keeps.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from execution_orchestrator.plan.optimise.profile import Profile
from execution_orchestrator.plan.optimise.project import Project, Schedule

Priorities = Sequence[float]  # the smallest goes first


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
    """Start, at every moment something ends, all that can start, most urgent first.

    Activities with the same demands queue up behind each other, so a moment costs one look per kind
    of demand and not one per waiting activity.
    """
    activities = project.activities
    missing = [len(set(activity.after)) for activity in activities]
    free = list(project.capacities)
    queues: dict[tuple[tuple[int, int], ...], list[tuple[float, int]]] = {}
    for index, count in enumerate(missing):
        if count == 0:
            _wait(queues, activities[index].demands, priorities[index], index)
    running: list[tuple[int, int]] = []
    starts = [0] * len(activities)
    now = 0
    while True:
        for index in _startable(queues, free):
            starts[index] = now
            for resource, amount in activities[index].demands:
                free[resource] -= amount
            heapq.heappush(running, (now + activities[index].duration, index))
        if not running:
            return Schedule.of(project, starts)
        now = running[0][0]
        while running and running[0][0] == now:
            ended = heapq.heappop(running)[1]
            for resource, amount in activities[ended].demands:
                free[resource] += amount
            for follower in project.followers[ended]:
                missing[follower] -= 1
                if not missing[follower]:
                    _wait(queues, activities[follower].demands, priorities[follower], follower)


def _wait(
    queues: dict[tuple[tuple[int, int], ...], list[tuple[float, int]]],
    demands: tuple[tuple[int, int], ...],
    priority: float,
    index: int,
) -> None:
    heapq.heappush(queues.setdefault(demands, []), (priority, index))


def _startable(
    queues: dict[tuple[tuple[int, int], ...], list[tuple[float, int]]], free: Sequence[int]
) -> list[int]:
    """Take out of the queues what fits beside each other now."""
    left = list(free)
    heads = [(queue[0], demands) for demands, queue in queues.items() if queue]
    heapq.heapify(heads)
    chosen: list[int] = []
    while heads:
        (_, index), demands = heapq.heappop(heads)
        if any(left[resource] < amount for resource, amount in demands):
            continue
        for resource, amount in demands:
            left[resource] -= amount
        queue = queues[demands]
        heapq.heappop(queue)
        chosen.append(index)
        if queue:
            heapq.heappush(heads, (queue[0], demands))
    return chosen
