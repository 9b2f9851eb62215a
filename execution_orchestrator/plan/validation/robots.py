"""Which robot an action asks for: that it exists, and can do all that is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.robots import able, duties
from execution_orchestrator.plan.validation.walk import Place


def robot_issues(plan: Plan, places: Sequence[Place], model: RobotModel) -> Iterator[Issue]:
    """Check every action that names a robot or asks for any."""
    needed = duties(plan)
    for place in places:
        choice = place.action.robot
        if not choice:
            continue
        pointer = f"{place.pointer}/robot"
        if place.action.is_control_flow:
            yield Issue(
                "ROBOT_MISPLACED",
                f"{place.action.action_type} needs no robot",
                pointer,
                "Name the robot at the actions inside.",
            )
        elif not model.robots:
            hint = "The section robots of a capability file names them."
            yield Issue("ROBOT_UNKNOWN", "no robots are configured", pointer, hint)
        elif not able(model, choice, ()):
            hint = f"There are: {', '.join(model.robots)}."
            yield Issue("ROBOT_UNKNOWN", f"no robot is called {choice!r}", pointer, hint)
        else:
            wanted = needed.get(choice, {place.action.action_type})
            if not able(model, choice, wanted):
                who = "no robot" if choice.startswith("any") else choice
                yield Issue(
                    "ROBOT_UNABLE",
                    f"{who} can do {' and '.join(sorted(wanted))}",
                    pointer,
                    "Ask another robot, or correct lacks in the section robots.",
                )
