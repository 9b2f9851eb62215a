"""Settling delays: after driving, before actions that need the robot at rest.

Which resource needs how long is said where it is configured (`settling_time`, `settles_for`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.capability import ResourceSpec, RobotModel
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.model import Action as PlanAction
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.options import NOTHING_SPECIAL, OptimiseOptions
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.tree import Editable as Action
from execution_orchestrator.plan.tree import with_blocks


def with_settling(
    plan: Mapping[str, Any], robot: RobotModel, options: OptimiseOptions = NOTHING_SPECIAL
) -> tuple[dict[str, Any], list[PlanChange]]:
    """Return the plan with delays where something has to come to rest, and what was changed."""
    if not any(resource.settling_time for resource in robot.resources.values()):
        return dict(plan), []
    changes: list[PlanChange] = []

    def edit(path: str, block: list[Action]) -> list[Action]:
        by_id = {action["id"]: action for action in block}
        made: list[Action] = []
        for action in block:
            before = [by_id[name] for name in action["depends_on"] if name in by_id]
            unsettled = [
                (other, resource)
                for other in before
                for resource in _moved(other, robot)
                if resource.settling_time and _disturbed(action, resource, robot)
            ]
            if not unsettled or _is_over(path, action, options):
                made.append(action)
                continue
            seconds = max(resource.settling_time for _, resource in unsettled)
            delay = _delay(_free_name(action["id"], by_id), seconds, robot)
            delay["depends_on"] = list(dict.fromkeys(other["id"] for other, _ in unsettled))
            made += [delay, {**action, "depends_on": [*action["depends_on"], delay["id"]]}]
            names = ", ".join(dict.fromkeys(resource.name for _, resource in unsettled))
            changes.append(
                PlanChange(
                    kind="settling",
                    action_ids=(f"{path}{delay['id']}", f"{path}{action['id']}"),
                    reason=f"{names} comes to rest for {seconds:g} s before {action['id']}",
                    after=seconds,
                )
            )
        return made

    return with_blocks(plan, edit), changes


def _is_over(path: str, action: Action, options: OptimiseOptions) -> bool:
    """Whether an action was done without a settling delay, which would repeat it."""
    stand = f"{path}settle_before_{action['id']}"
    return options.is_done(f"{path}{action['id']}", action) and stand not in options.done


def _moved(action: Action, robot: RobotModel) -> Sequence[ResourceSpec]:
    """Return the resources a single action moves."""
    spec = robot.capabilities.get(action["action_type"])
    if spec is None or spec.motion is None or spec.motion.stays:
        return []
    names = (demand["resource"] for demand in action["resources"])
    return [robot.resources[name] for name in names if name in robot.resources]


def _disturbed(action: Action, moved: ResourceSpec, robot: RobotModel) -> bool:
    for demand in action.get("resources") or ():
        name = demand["resource"]
        known = robot.resources.get(name)
        if {name, known.type if known is not None else name} & set(moved.settles_for):
            return True
    return False


def _free_name(action_id: str, taken: Mapping[str, Any]) -> str:
    name, number = f"settle_before_{action_id}", 2
    while name in taken:
        name, number = f"settle_before_{action_id}_{number}", number + 1
    return name


def _delay(name: str, seconds: float, robot: RobotModel) -> Action:
    wanted = PlanAction(
        id=name,
        action_type="delay",
        description="come to rest",
        duration=seconds,
        critical=False,
        estimated_duration=seconds,
    )
    made: Action = resolve(Plan(actions=(wanted,)), robot)["actions"][0]
    return made
