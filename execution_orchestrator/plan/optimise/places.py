"""Where a robot will be when a motion starts, as far as the plan says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.durations import demands_of
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.optimise.expected_run import PlanProject
from execution_orchestrator.plan.tree import children

HERE = object()  # where the robot is when the plan starts
UNKNOWN = object()  # a place that is known only once the plan runs


MOST_MOTIONS = 500  # of one plan; who comes before whom is looked at for every two of them


def origins(whole: PlanProject, robot: RobotModel, resource: str) -> dict[int, Any]:
    """Return where each task that moves a resource finds it: a place, HERE or UNKNOWN.

    Places are those that the plan names. A task finds the resource where the motion before it went,
    if the dependencies determine which one that is. With more than MOST_MOTIONS all are UNKNOWN.
    """
    targets: dict[int, Any] = {}
    for index, task in enumerate(whole.tasks):
        if task.is_leaf and task.action is not None:
            target = target_of(task.action, robot, resource)
            if target is not None:
                targets[index] = target
    if len(targets) > MOST_MOTIONS:
        return {}
    before, last = _motions_before(whole, set(targets))
    found: dict[int, Any] = {}
    for index in targets:
        # One that is neither before nor after this one may come in between.
        beside = sum(1 for other in targets if before[other] >> index & 1)
        settled = before[index].bit_count() + beside + 1 == len(targets)
        latest = last[index]
        if not settled or len(latest) > 1:
            found[index] = UNKNOWN
        else:
            found[index] = targets[next(iter(latest))] if latest else HERE
    return found


def target_of(action: Mapping[str, Any], robot: RobotModel, resource: str) -> Any:
    """Return where an action leaves a resource, UNKNOWN, or None if it does not move it."""
    if children(action):
        inner = (target_of(child, robot, resource) for child in children(action))
        return UNKNOWN if any(target is not None for target in inner) else None
    spec = robot.capabilities.get(action["action_type"])
    if spec is None or resource not in demands_of(action):
        return None
    motion = spec.motion
    if motion is None:
        return UNKNOWN
    if not motion.target and not motion.targets:
        return None
    places = action["parameters"].get(motion.target or motion.targets)
    if places is None or has_template(places):
        return UNKNOWN
    if motion.targets:
        return places[-1] if isinstance(places, list) and places else UNKNOWN
    return places


def _motions_before(whole: PlanProject, moving: set[int]) -> tuple[list[int], list[set[int]]]:
    """Return for each task all motions before it (as bits), and those that nothing follows."""
    before = [0] * len(whole.tasks)
    last: list[set[int]] = [set() for _ in whole.tasks]
    for index in whole.project.order:
        candidates: set[int] = set()
        for other in whole.project.activities[index].after:
            before[index] |= before[other]
            if other in moving:
                before[index] |= 1 << other
                candidates.add(other)
            else:
                candidates |= last[other]
        passed = 0
        for other in candidates:
            passed |= before[other]
        last[index] = {other for other in candidates if not passed >> other & 1}
    return before, last
