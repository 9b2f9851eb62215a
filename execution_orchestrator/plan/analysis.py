"""Analysis of a plan before it runs: waves, critical path, makespan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.durations import demands_of, expected_duration
from execution_orchestrator.plan.optimise.expected_run import ExpectedRun, expected_run
from execution_orchestrator.plan.tree import Way, count_of, every, longest_way, longest_ways


@dataclass(frozen=True)
class Group:
    """A wave: actions whose dependencies lie in earlier waves; times in seconds."""

    index: int
    action_ids: tuple[str, ...]
    resources: tuple[str, ...]
    start: float
    duration: float


@dataclass(frozen=True)
class Analysis:
    """The figures of PlanAnalysis.msg."""

    plan_id: str
    action_count: int
    groups: tuple[Group, ...]
    critical_path: tuple[str, ...]
    makespan: float
    sequential_duration: float
    capabilities: tuple[str, ...]
    suggestions: tuple[str, ...]
    changes: tuple[PlanChange, ...] = ()


def analyse(
    plan: Mapping[str, Any],
    resources: Mapping[str, ResourceSpec],
    changes: tuple[PlanChange, ...] = (),
    run: ExpectedRun | None = None,
) -> Analysis:
    """Analyse a resolved plan; the makespan is that of the order in which the engine starts.

    ``run`` is the expected run, if it is known already.
    """
    actions: Sequence[Mapping[str, Any]] = plan["actions"]
    durations = {action["id"]: expected_duration(action) for action in actions}
    steps = [(action["id"], action["depends_on"], durations[action["id"]]) for action in actions]
    path, _ = longest_way(steps)
    # A wave is as many actions into the plan as the longest chain of them before it.
    waves = longest_ways((name, after, 1.0) for name, after, _ in steps)
    demands = {action["id"]: demands_of(action) for action in actions}
    run = expected_run(plan, resources) if run is None else run
    starts = {task.key: start for task, start in zip(run.tasks, run.starts, strict=True)}
    sequential = sum(durations.values())
    return Analysis(
        plan_id=str(plan.get("id", "")),
        action_count=count_of(actions),
        groups=_groups(waves, starts, durations, demands),
        critical_path=path,
        makespan=run.makespan,
        sequential_duration=sequential,
        capabilities=tuple(sorted({str(action["action_type"]) for action in every(actions)})),
        suggestions=_suggestions(path, durations, run.makespan, sequential, len(actions)),
        changes=changes,
    )


def _groups(
    ways: Mapping[str, Way[str]],
    starts: Mapping[str, float],
    durations: Mapping[str, float],
    demands: Mapping[str, Mapping[str, float]],
) -> tuple[Group, ...]:
    waves: dict[int, list[str]] = {}
    for name, way in ways.items():
        waves.setdefault(round(way.seconds) - 1, []).append(name)
    return tuple(
        Group(
            index,
            tuple(names),
            tuple(sorted({use for name in names for use in demands[name]})),
            min(starts[name] for name in names),
            max(durations[name] for name in names),
        )
        for index, names in sorted(waves.items())
    )


def _suggestions(
    path: Sequence[str],
    durations: Mapping[str, float],
    makespan: float,
    sequential: float,
    count: int,
) -> tuple[str, ...]:
    found = []
    if count > 2 and makespan >= sequential * 0.99:
        found.append(
            "nothing runs side by side: name depends_on where an action needs only some of the "
            "earlier ones"
        )
    if count > 1 and path and makespan > 0.0:
        longest = max(path, key=lambda name: durations[name])
        if durations[longest] >= 0.5 * makespan:
            found.append(f"{longest} alone takes {durations[longest] / makespan:.0%} of the time")
    return tuple(found)
