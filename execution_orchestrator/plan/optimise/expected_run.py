"""A resolved plan as a project, and the schedule the engine will keep if estimates come true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.durations import demands_of, expected_duration
from execution_orchestrator.plan.optimise.generation import Reservations, dispatched
from execution_orchestrator.plan.optimise.project import Activity, Project, Schedule
from execution_orchestrator.plan.tree import children, in_order, ranks_of, scope_of
from execution_orchestrator.plan.urgency import RESERVE_AFTER, urgency

TICKS = 1000  # per second: schedules are exact to a millisecond
UNITS = 1000  # per 1.0 of a resource
OPENED = frozenset({"sequence", "parallel", "subplan"})  # their parts are scheduled one by one
Action = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """An activity of the project and the action behind it; ``key`` is its name in the engine.

    An opened composite has two tasks, its beginning and its end; only the first is its ``action``.
    """

    key: str
    action: Action | None

    @property
    def is_leaf(self) -> bool:
        """Whether a server (or a timer) works on it, rather than its parts."""
        return self.action is not None and not _opened(self.action)


@dataclass(frozen=True)
class PlanProject:
    """A plan's tasks, in the same order as the activities of its project.

    ``actions`` are those of the plan; ``sides`` are readers and writers, ``reservations`` are for
    activities that have waited long (see `dispatched`).
    """

    tasks: tuple[Task, ...]
    project: Project
    actions: Sequence[Action]
    sides: Mapping[int, tuple[tuple[int, int], ...]]
    reservations: Reservations

    @cached_property
    def places(self) -> dict[str, int]:
        """Return the index of every task by key."""
        return {task.key: index for index, task in enumerate(self.tasks)}

    @cached_property
    def ranks(self) -> tuple[float, ...]:
        """Return the seconds from each task to the plan's end: the engine breaks ties by them."""
        ranks = ranks_of(self.actions)
        return tuple(ranks.get(id(task.action), 0.0) for task in self.tasks)


def project_of_plan(
    plan: Mapping[str, Any],
    resources: Mapping[str, ResourceSpec],
    *,
    max_concurrent: int = 0,
    reserve_after: float = RESERVE_AFTER,
) -> PlanProject:
    """Return the project of a valid resolved plan; ``max_concurrent`` 0 is no limit.

    ``reserve_after``: seconds after which an action that is overtaken has its resources kept.
    A composite whose course is decided while it runs is one activity: the longest of its courses,
    holding all that any of its parts needs.
    """
    builder = _Builder(resources)
    builder.block(plan["actions"], prefix="", after=())
    return builder.finish(plan["actions"], max_concurrent, reserve_after)


class _Builder:
    def __init__(self, resources: Mapping[str, ResourceSpec]) -> None:
        self._resources = resources
        self._tasks: list[Task] = []
        self._durations: list[int] = []
        self._after: list[list[int]] = []
        self._demands: list[dict[str, int]] = []
        self._shared: dict[str, set[int]] = {}
        self._exclusive: dict[str, set[int]] = {}

    def block(self, actions: Sequence[Action], *, prefix: str, after: Iterable[int]) -> list[int]:
        """Add the actions of a block; returns the tasks they end with."""
        ends: dict[str, int] = {}
        for action in in_order(actions):
            before = [*after, *(ends[name] for name in action["depends_on"] if name in ends)]
            ends[action["id"]] = self._add(action, prefix, before)
        return list(ends.values())

    def _add(self, action: Action, prefix: str, after: Iterable[int]) -> int:
        key = f"{prefix}{action['id']}"
        if not _opened(action):
            return self._task(Task(key, action), after, expected_duration(action))
        begin = self._task(Task(key, action), after, 0.0)
        inner = action["plan"]["actions"] if action.get("plan") else action["actions"]
        ends = self.block(inner, prefix=prefix + scope_of(action), after=[begin])
        return self._task(Task(f"{key}/", None), [begin, *ends], 0.0)

    def _task(self, task: Task, after: Iterable[int], seconds: float) -> int:
        index = len(self._tasks)
        self._tasks.append(task)
        self._after.append(list(dict.fromkeys(after)))
        self._durations.append(round(seconds * TICKS))
        self._demands.append({})
        if task.is_leaf and task.action is not None:
            self._demand(index, task.action)
        return index

    def _demand(self, index: int, action: Action) -> None:
        own = {d["resource"]: bool(d.get("shared")) for d in action.get("resources") or []}
        for name, amount in demands_of(action).items():
            kind = self._shared if own.get(name) else self._exclusive
            kind.setdefault(name, set()).add(index)
            self._demands[index][name] = round(amount * UNITS)

    def finish(
        self, actions: Sequence[Action], max_concurrent: int, reserve_after: float
    ) -> PlanProject:
        own = {index: frozenset(demands) for index, demands in enumerate(self._demands)}
        capacities = {name: self._capacity(name) for d in self._demands for name in d}
        self._pool_types(capacities)
        leaves = [i for i, task in enumerate(self._tasks) if self._is_goal(task)]
        if 0 < max_concurrent < len(leaves):
            capacities["(goals at once)"] = max_concurrent
            for index in leaves:
                self._demands[index]["(goals at once)"] = 1
        places = {name: place for place, name in enumerate(capacities)}
        activities = tuple(
            Activity(
                task.key,
                self._durations[index],
                tuple(self._after[index]),
                tuple(
                    sorted(
                        (places[name], min(amount, capacities[name]))
                        for name, amount in self._demands[index].items()
                    )
                ),
            )
            for index, task in enumerate(self._tasks)
        )
        project = Project(activities, tuple(capacities.values()))
        reservations = Reservations(reserve_after * TICKS, own)
        return PlanProject(tuple(self._tasks), project, actions, self._sides(), reservations)

    def _capacity(self, name: str) -> int:
        known = self._resources.get(name)
        if known is not None:
            return round(known.capacity * UNITS)
        of_type = [r.capacity for r in self._resources.values() if r.type == name]
        return round((sum(of_type) or 1.0) * UNITS)

    def _pool_types(self, capacities: Mapping[str, int]) -> None:
        """Count demands by name also as demands of any resource of that type."""
        for demands in self._demands:
            for name, amount in list(demands.items()):
                known = self._resources.get(name)
                if known is not None and known.type != name and known.type in capacities:
                    demands[known.type] = demands.get(known.type, 0) + amount

    def _sides(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """Readers share a resource with readers only."""
        found: dict[int, tuple[tuple[int, int], ...]] = {}
        for group, name in enumerate(sorted(self._shared)):
            for side, members in enumerate((self._shared[name], self._exclusive.get(name, ()))):
                for index in members:
                    found[index] = (*found.get(index, ()), (group, side))
        return found

    @staticmethod
    def _is_goal(task: Task) -> bool:
        return task.is_leaf and task.action is not None and "server" in task.action


def _opened(action: Action) -> bool:
    """Whether the parts are scheduled, and not the whole."""
    return (
        action["action_type"] in OPENED
        and not action.get("estimated_duration")
        and not action.get("max_parallel")
        and not action.get("needed")
        and not action.get("race")
        and bool(children(action))
    )


@dataclass(frozen=True)
class ExpectedRun:
    """When each task begins and ends, in seconds from the start of the plan."""

    tasks: tuple[Task, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    makespan: float

    @classmethod
    def of(cls, plan: PlanProject, schedule: Schedule) -> ExpectedRun:
        """Return a schedule in seconds."""
        starts = tuple(start / TICKS for start in schedule.starts)
        ends = tuple(
            (start + activity.duration) / TICKS
            for start, activity in zip(schedule.starts, plan.project.activities, strict=True)
        )
        return cls(plan.tasks, starts, ends, schedule.makespan / TICKS)


def dispatch_schedule(plan: PlanProject, planned: Mapping[str, float] | None = None) -> Schedule:
    """Return the schedule by the engine's rule: of the ready actions the most urgent starts.

    ``planned`` gives the moments (seconds) from which tasks age; without one a task ages from the
    moment it is ready, as `planned_start` of a resolved action does in the engine.
    """
    moments = planned or {}

    def key(index: int, ready: int) -> tuple[float, float, int]:
        task = plan.tasks[index]
        action = task.action or {}
        if "server" not in action:
            # A delay waits in no queue: delays begin in the plan's order, after the goals.
            return (inf, 0.0, index)
        own = action.get("planned_start")
        since = moments.get(task.key, ready / TICKS if own is None else float(own))
        return (-urgency(float(action.get("priority") or 0), since), -plan.ranks[index], index)

    return dispatched(plan.project, key, plan.sides, plan.reservations)


def expected_run(
    plan: Mapping[str, Any],
    resources: Mapping[str, ResourceSpec],
    *,
    max_concurrent: int = 0,
    reserve_after: float = RESERVE_AFTER,
) -> ExpectedRun:
    """Return when each action begins and ends if every estimate comes true."""
    whole = project_of_plan(
        plan, resources, max_concurrent=max_concurrent, reserve_after=reserve_after
    )
    return ExpectedRun.of(whole, dispatch_schedule(whole))
