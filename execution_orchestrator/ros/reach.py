"""What is known of a plan's targets before anything moves: by the planner, and by the map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import BASES, PoseError, frame_of, pose_fields
from execution_orchestrator.plan.capability import CapabilitySpec, RobotModel
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.validation.walk import Place, walk

CODE = "TARGET_UNREACHABLE"
MOST = 50  # targets of one plan that are looked at
NoWay = Callable[[Any, Any], str]  # start (None: the robot's place), goal -> why not
OnMap = Callable[[str, float, float], str]  # frame, x, y -> what is wrong with that place


class ReachTrial:
    """Looks for targets that cannot be reached, each from the one before it.

    Called on worker threads. A target that a template will give is not known yet. With several
    robots it is not known which one drives, so nothing is said. Of a pose that only the arm goes
    to it is looked whether it is ``outside`` of what is known: a table is occupied in the map.
    """

    def __init__(
        self,
        robot: RobotModel,
        no_way: NoWay,
        on_map: OnMap,
        outside: OnMap,
        conversion: Callable[[], ConversionContext],
    ) -> None:
        self._robot = robot
        self._no_way = no_way
        self._on_map = on_map
        self._outside = outside
        self._conversion = conversion

    def __call__(self, plan: Plan) -> list[Issue]:
        """Return a warning for each such target."""
        if self._robot.robots:
            return []
        context = self._conversion()
        return [*self._of_drives(plan, context), *self._of_the_arm(plan, context)]

    def _of_drives(self, plan: Plan, context: ConversionContext) -> list[Issue]:
        issues: list[Issue] = []
        before: Any = None
        for place, pointer, target in islice(self._values(plan, lambda spec: spec.targets), MOST):
            if before is not None and _from_the_robot(target):
                # "2 m ahead" of a place that is not known yet: what follows cannot be checked.
                return issues
            wrong = self._wrong(before, target, context)
            if wrong:
                issues.append(self._issue(place, pointer, wrong))
            else:
                before = target
        return issues

    def _of_the_arm(self, plan: Plan, context: ConversionContext) -> Iterator[Issue]:
        for place, pointer, pose in islice(self._values(plan, _poses_of_the_arm), MOST):
            wrong = _on(self._outside, pose, context)
            if wrong:
                yield self._issue(place, pointer, wrong)

    def _wrong(self, before: Any, target: Any, context: ConversionContext) -> str:
        """Say what is wrong with a target; empty: nothing, or it is no place, which is logged."""
        named = _words(target, context)
        reason = self._no_way(before, target) if named else ""
        if reason:
            way = f" from {self._named(before, context)}" if reason.endswith("path") else ""
            return f"{named} {reason}{way}"
        return _on(self._on_map, target, context)

    def _named(self, before: Any, context: ConversionContext) -> str:
        if before is None:
            return "here"
        if isinstance(before, str):
            return before
        return _words(before, context)

    def _issue(self, place: Place, pointer: str, wrong: str) -> Issue:
        action = place.action
        return Issue(
            CODE,
            f"{action.id or action.action_type}: {wrong}",
            pointer,
            "Choose another target, or free the way.",
            Severity.WARNING,
        )

    def _values(
        self, plan: Plan, names: Callable[[CapabilitySpec], Iterable[str]]
    ) -> Iterator[tuple[Place, str, Any]]:
        for place in walk(plan):
            spec = self._robot.capabilities.get(place.action.action_type)
            if spec is None:
                continue
            for name in names(spec):
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


def _poses_of_the_arm(spec: CapabilitySpec) -> Iterator[str]:
    """Yield the parameters that are poses, and that the robot does not drive to."""
    for name, schema in spec.parameters.get("properties", {}).items():
        if name not in spec.targets and _is_pose(schema):
            yield name


def _is_pose(schema: Any) -> bool:
    """Whether a value may be {x, y, yaw}."""
    if not isinstance(schema, Mapping):
        return False
    forms = schema.get("anyOf", [schema])
    known = [form.get("properties", {}) for form in forms if isinstance(form, Mapping)]
    return any(fields.keys() >= {"x", "y", "yaw"} for fields in known)


def _position(target: Any, context: ConversionContext) -> tuple[str, float, float] | None:
    """Return frame, x and y of a target; None: it is no place."""
    try:
        there = located(target, context)
        position = pose_fields(there)["position"]
    except (ConversionError, PoseError):
        return None
    return frame_of(there, context.frame), position["x"], position["y"]


def _words(target: Any, context: ConversionContext) -> str:
    """Return the name of a target for messages, '' if it is no place."""
    position = _position(target, context)
    if position is None:
        return ""
    named = f"{position[1]:g}, {position[2]:g}"
    return f"{target} ({named})" if isinstance(target, str) else named


def _on(known: OnMap, target: Any, context: ConversionContext) -> str:
    """Say what the map says against a target; empty: nothing, or it is no place."""
    position = _position(target, context)
    reason = known(*position) if position is not None else ""
    return f"{_words(target, context)} {reason}" if reason else ""


def _from_the_robot(target: Any) -> bool:
    frame = frame_of(target, "") if isinstance(target, Mapping) else ""
    return frame.rpartition("/")[2] in BASES
