"""Several robots: which of them an action may use, and what it needs of the one it gets.

``robot: robot1`` names one, ``robot: any`` asks for any free one that can do the action, and
``robot: any:carrier`` for any free one that then stays the carrier of the whole execution. The
resources of an action on a robot are those of that robot: ``robot1/base`` instead of ``base``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.plan.capability import (
    ResourceDemand,
    ResourceSpec,
    RobotModel,
    RobotSpec,
)
from execution_orchestrator.plan.model import Plan, every_action

ANY = "any"
KIND = "robot"  # type of the resource that stands for a robot as a whole
GOALS = 1000.0  # goals a robot may have at once, as far as the robot as a whole is concerned


def resources_of(
    robots: Iterable[RobotSpec], shared: Mapping[str, ResourceSpec]
) -> dict[str, ResourceSpec]:
    """Return the robots as resources, and each configured resource once per robot."""
    made = {}
    for robot in robots:
        mark = {KIND: robot.name}
        made[robot.name] = ResourceSpec(name=robot.name, type=KIND, capacity=GOALS, properties=mark)
        for spec in shared.values():
            name = f"{robot.name}/{spec.name}"
            made[name] = spec.model_copy(
                update={
                    "name": name,
                    "type": f"{KIND}/{spec.name}",
                    "properties": {**spec.properties, **mark},
                }
            )
    return made


def able(model: RobotModel, choice: str, capabilities: Iterable[str]) -> list[str]:
    """Return the robots that a `robot` field allows and that can do all these action types."""
    wanted = list(capabilities)
    return [
        robot.name
        for robot in model.robots.values()
        if (choice.partition(":")[0] == ANY or robot.name == choice)
        and all(robot.can(name) for name in wanted)
    ]


def duties(plan: Plan) -> dict[str, set[str]]:
    """Return, for each role of a plan, the action types that its robot must be capable of."""
    found: dict[str, set[str]] = {}
    for action in every_action(plan.actions):
        if role_of(action.robot):
            found.setdefault(action.robot, set()).add(action.action_type)
    return found


def name_on(namespace: str, name: str) -> str:
    """Return a relative name below a namespace, an absolute one as it is."""
    return name if not namespace or name.startswith("/") else f"{namespace}/{name}"


def role_of(choice: str) -> str:
    """Return the role in ``any:role``, else nothing."""
    return choice.partition(":")[2]


def demands_on_robot(demands: Iterable[ResourceDemand]) -> list[dict[str, Any]]:
    """Return what an action needs of the robot it gets: a place among its goals, and these."""
    made = [ResourceDemand(resource=KIND)]
    made += [
        demand.model_copy(update={"resource": f"{KIND}/{demand.resource}"}) for demand in demands
    ]
    return [demand.model_dump() for demand in made]
