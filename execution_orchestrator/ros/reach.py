"""What is known of a plan's targets before anything moves: by the planner, and by the map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import PoseError, frame_of, pose_fields
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.validation.walk import Place, walk
from execution_orchestrator.ros.world.fixed_places import BASES

CODE = "TARGET_UNREACHABLE"
MOST = 50  # targets of one plan that are looked at
NoWay = Callable[[Any, Any], str]  # start (None: the robot's place), goal -> why not
OnMap = Callable[[str, float, float], str]  # frame, x, y -> what is wrong with that place


class ReachTrial:
    """Looks for targets that cannot be reached, each from the one before it.

    Called on worker threads. A target that a template will give is not known yet. With several
    robots it is not known which one drives, so nothing is said.
    """

    def __init__(
        self,
        robot: RobotModel,
        no_way: NoWay,
        on_map: OnMap,
        conversion: Callable[[], ConversionContext],
    ) -> None:
        self._robot = robot
        self._no_way = no_way
        self._on_map = on_map
        self._conversion = conversion

    def __call__(self, plan: Plan) -> list[Issue]:
        """Return a warning for each such target."""
        if self._robot.robots:
            return []
        context = self._conversion()
        issues: list[Issue] = []
        before: Any = None
        for count, (place, pointer, target) in enumerate(self._targets(plan)):
            if count >= MOST:
                break
            if before is not None and _from_the_robot(target):
                # "2 m ahead" of where the robot will be then: so nobody knows where it goes on.
                return issues
            wrong = self._wrong(before, target, context)
            if wrong:
                issues.append(self._issue(place, pointer, wrong))
            else:
                before = target
        return issues

    def _wrong(self, before: Any, target: Any, context: ConversionContext) -> str:
        """Say what is wrong with a target; empty: nothing, or it is no place, which is logged."""
        try:
            there = located(target, context)
            position = pose_fields(there)["position"]
        except (ConversionError, PoseError):
            return ""
        named = f"{position['x']:g}, {position['y']:g}"
        if isinstance(target, str):
            named = f"{target} ({named})"
        reason = self._no_way(before, target)
        if reason:
            way = f" from {self._named(before, context)}" if reason.endswith("path") else ""
            return f"{named} {reason}{way}"
        reason = self._on_map(frame_of(there, context.frame), position["x"], position["y"])
        return f"{named} {reason}" if reason else ""

    def _named(self, before: Any, context: ConversionContext) -> str:
        if before is None:
            return "here"
        if isinstance(before, str):
            return before
        position = pose_fields(located(before, context))["position"]
        return f"{position['x']:g}, {position['y']:g}"

    def _issue(self, place: Place, pointer: str, wrong: str) -> Issue:
        action = place.action
        return Issue(
            CODE,
            f"{action.id or action.action_type}: {wrong}",
            pointer,
            "Choose another target, or free the way.",
            Severity.WARNING,
        )

    def _targets(self, plan: Plan) -> Iterator[tuple[Place, str, Any]]:
        for place in walk(plan):
            spec = self._robot.capabilities.get(place.action.action_type)
            if spec is None:
                continue
            for name in spec.targets:
                value = place.action.parameters.get(name)
                pointer = f"{place.pointer}/parameters/{name}"
                several = (
                    {f"{pointer}/{index}": one for index, one in enumerate(value)}
                    if (isinstance(value, list))
                    else {pointer: value}
                )
                for where, one in several.items():
                    if isinstance(one, str | Mapping) and not has_template(one):
                        yield place, where, one


def _from_the_robot(target: Any) -> bool:
    frame = frame_of(target, "") if isinstance(target, Mapping) else ""
    return frame.rpartition("/")[2] in BASES
