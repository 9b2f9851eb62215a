"""How long actions take, from runs of before and from the robot's speed and its way.

An estimate in the plan stays, and so does a timeout. A default timeout is
made longer where the way is long; it is never made shorter than the capability's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from execution_orchestrator.plan.capability import MotionSpec, RobotModel
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.learned import Learned, LearnedOf, nothing_learned
from execution_orchestrator.plan.optimise.expected_run import project_of_plan
from execution_orchestrator.plan.optimise.places import HERE, UNKNOWN, origins
from execution_orchestrator.plan.resolve import MIN_TIMEOUT_MARGIN
from execution_orchestrator.plan.tree import Editable, with_actions

LEAST_CHANGE = 0.5  # seconds; smaller corrections are made, but are not worth telling


@dataclass(frozen=True)
class Distance:
    """Metres from one place to another; ``source`` says in words where that is known from."""

    metres: float
    source: str


# From a place as the plan writes it (None: where the robot is now) to another; None: unknown.
Measure = Callable[[Any, Any], Distance | None]


@dataclass(frozen=True)
class _Estimate:
    seconds: float
    reason: str


def with_estimates(
    plan: Mapping[str, Any],
    robot: RobotModel,
    measure: Measure,
    learned: LearnedOf = nothing_learned,
) -> tuple[dict[str, Any], list[PlanChange]]:
    """Return the plan with better estimates of its actions, and what was changed."""
    found = _estimates(plan, robot, measure, learned)
    changes: list[PlanChange] = []

    def edit(key: str, action: Editable) -> Editable:
        estimate = found.get(key)
        if estimate is None:
            return action
        before = float(action["estimated_duration"])
        made = {**action, "estimated_duration": estimate.seconds}
        reason = estimate.reason
        longer = round(MIN_TIMEOUT_MARGIN * estimate.seconds, 3)
        if not action["timeout_explicit"] and longer > action["timeout"]:
            reason += f"; timeout {action['timeout']:g} s -> {longer:g} s"
            made = with_timeout(made, longer)
        if abs(before - estimate.seconds) >= LEAST_CHANGE:
            changes.append(
                PlanChange(
                    kind="estimates",
                    action_ids=(key,),
                    reason=reason,
                    before=before,
                    after=estimate.seconds,
                )
            )
        return made

    return with_actions(plan, edit), changes


def with_timeout(action: Editable, seconds: float) -> Editable:
    """Return an action with another timeout; one that is learned may become as long as it."""
    made = {**action, "timeout": seconds}
    learned = action.get("adaptive_timeout")
    if learned and learned["maximum"] == action["timeout"]:
        made["adaptive_timeout"] = {**learned, "maximum": seconds}
    return made


def _estimates(
    plan: Mapping[str, Any], robot: RobotModel, measure: Measure, learned: LearnedOf
) -> dict[str, _Estimate]:
    # What runs of before say is asked once of each type: it may be asked of another process.
    known = cache(learned)
    whole = project_of_plan(plan, robot.resources)
    moved: dict[str, dict[int, Any]] = {}
    found: dict[str, _Estimate] = {}
    for index, task in enumerate(whole.tasks):
        action = task.action
        spec = robot.capabilities.get(action["action_type"]) if action is not None else None
        if action is None or spec is None or action.get("estimate_explicit"):
            continue
        before = known(action["action_type"])
        if spec.motion is None or not spec.motion.speed:
            if before is not None:
                found[task.key] = _usual(before)
            continue
        motion, parameters = spec.motion, action["parameters"]
        if motion.amount:
            estimate = _of_amount(motion, parameters)
        else:
            demands = action["resources"]
            resource = str(demands[0]["resource"]) if demands else ""
            if resource not in moved:
                moved[resource] = origins(whole, robot, resource)
            start = moved[resource].get(index, UNKNOWN)
            if (
                action.get("robots")
                or resource not in robot.resources
                or (start is HERE and not _is_the_only_one(resource, robot))
            ):
                # Any robot of a type may do it, and it may be another one each time.
                start = UNKNOWN
            estimate = _of_way(motion, parameters, start, measure, before)
        if estimate is not None:
            found[task.key] = estimate
    return found


def _is_the_only_one(resource: str, robot: RobotModel) -> bool:
    """Whether the robot's own pose is that of this resource."""
    spec = robot.resources.get(resource)
    return spec is not None and sum(r.type == spec.type for r in robot.resources.values()) == 1


def _of_amount(motion: MotionSpec, parameters: Mapping[str, Any]) -> _Estimate | None:
    amount = _number(parameters.get(motion.amount))
    speed = _speed(motion, parameters)
    if amount is None or speed is None:
        return None
    return _estimate(motion, abs(amount), speed, f"{motion.amount} {abs(amount):g}")


def _of_way(
    motion: MotionSpec,
    parameters: Mapping[str, Any],
    start: Any,
    measure: Measure,
    before: Learned | None,
) -> _Estimate | None:
    places = parameters.get(motion.target or motion.targets)
    speed = _speed(motion, parameters)
    if start is UNKNOWN or speed is None or places is None or has_template(places):
        return None
    stops = places if motion.targets else [places]
    if not isinstance(stops, list):
        return None
    metres, sources = 0.0, []
    place = None if start is HERE else start
    for stop in stops:
        leg = measure(place, stop)
        if leg is None:
            return None
        metres += leg.metres
        sources.append(leg.source)
        place = stop
    what = f"{metres:.1f} m ({', '.join(dict.fromkeys(sources))})"
    if before is None or not before.per_metre or speed != motion.speed:
        return _estimate(motion, metres, speed, what)
    seconds = round(before.of_way(metres), 1)
    return _Estimate(max(seconds, 0.1), f"{what} as in {counted(before.runs, 'run')} before")


def _usual(before: Learned) -> _Estimate:
    seconds = max(round(before.usual, 1), 0.1)
    return _Estimate(seconds, f"usual in {counted(before.runs, 'run')} before")


def _estimate(motion: MotionSpec, way: float, speed: float, what: str) -> _Estimate:
    seconds = round(way / speed + motion.overhead, 1)
    reason = f"{what} at {speed:g} per second"
    if motion.overhead:
        reason += f" and {motion.overhead:g} s besides"
    return _Estimate(max(seconds, 0.1), reason)


def _speed(motion: MotionSpec, parameters: Mapping[str, Any]) -> float | None:
    """Return the speed the plan asks for as far as the robot can, or the robot's usual one."""
    if not motion.speed_parameter or motion.speed_parameter not in parameters:
        return motion.speed
    asked = _number(parameters[motion.speed_parameter])
    if not asked or asked < 0.0:
        return None
    return min(asked, motion.top_speed) if motion.top_speed else asked


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
