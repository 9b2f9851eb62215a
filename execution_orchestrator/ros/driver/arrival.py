"""Whether the robot is where it was sent: arrived is arrived."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import (
    PoseError,
    flat_pose,
    frame_of,
    pose_fields,
    yaw_from_quaternion,
)
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.plan.capability import ArrivalSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.driver.passing import Passing, PoseIn
from execution_orchestrator.ros.stopping.standstill import Motion

NOT_PASSED = "NAV_NOT_PASSED"
REST = 1.5  # seconds that a robot may need to come to rest
PERIOD = 0.05  # seconds between two looks
LOWEST_TOLERANCE = 0.01  # metres; a plan may ask for an alternative goal, but not for perfection
ArrivalReport = Callable[[dict[str, Any], ErrorInfo | None], None]


class ArrivalCheck:
    """Compares the pose with the target. Used on the loop's thread.

    ``pose_in`` says where a robot is in a frame, None if tf does not say it (any more);
    ``motion_of`` whether it moves.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pose_in: PoseIn,
        motion_of: Callable[[str], Motion],
    ) -> None:
        self._loop = loop
        self._pose_in = pose_in
        self._motion_of = motion_of

    def watch(
        self, rule: ArrivalSpec, dispatch: Dispatch, context: ConversionContext
    ) -> Passing | None:
        """Return who watches what a goal passes; None if it has to pass nothing."""
        value = dispatch.parameters.get(rule.target)
        if rule.passing is None or not isinstance(value, list):
            return None
        places = [_place(one, context) for one in value[:-1]]
        known = [(frame, fields) for frame, fields, _ in filter(None, places)]
        if not known or len(known) < len(places):
            return None
        return Passing(self._loop, self._pose_in, dispatch.robot, known)

    def look(
        self,
        rule: ArrivalSpec,
        dispatch: Dispatch,
        context: ConversionContext,
        report: ArrivalReport,
        passing: Passing | None = None,
    ) -> None:
        """Compare poses now, and once more when the robot no longer moves.

        One that was there with the result and rolled on beyond the tolerance is a deviation.
        The callback gets the fields for the output, and the failure if there is one; without a pose
        it gets neither. ``passing`` has the places that the robot came past.
        """
        target = _target(rule, dispatch.parameters, context)
        if target is None:
            report({}, None)
            return
        end = self._loop.time() + REST
        arrived = False

        def again() -> None:
            nonlocal arrived
            output, error = self._compared(rule, dispatch, target)
            rolled = error if arrived else None
            error = None if rolled else error or _not_passed(rule, passing, output)
            arrived = arrived or error is None
            motion = self._motion_of(dispatch.robot)
            # A robot that creeps may still reach a target that it is not at.
            moving = motion is Motion.MOVING or (motion is Motion.SETTLING and error is not None)
            if moving and self._loop.time() < end:
                self._loop.call_later(PERIOD, again)
            elif rolled is not None:
                report({**output, "deviation": rolled.message}, None)
            else:
                self._tell(rule, output, error, report)

        again()

    def _tell(
        self,
        rule: ArrivalSpec,
        output: dict[str, Any],
        error: ErrorInfo | None,
        report: ArrivalReport,
    ) -> None:
        if error is not None and rule.beyond == "deviation":
            report({**output, "deviation": error.message}, None)
        else:
            report(output, error)

    def _compared(
        self, rule: ArrivalSpec, dispatch: Dispatch, target: tuple[str, Mapping[str, Any], bool]
    ) -> tuple[dict[str, Any], ErrorInfo | None]:
        frame, wanted, turned = target
        pose = self._pose_in(frame, dispatch.robot)
        if pose is None:
            return {}, None
        there, here = wanted["position"], pose["position"]
        beside = math.hypot(there["x"] - here["x"], there["y"] - here["y"])
        yaws = (yaw_from_quaternion(one["orientation"]) for one in (wanted, pose))
        off = abs(math.remainder(next(yaws) - next(yaws), math.tau))
        output = {
            "position_error": round(beside, 3),
            "yaw_error": round(off, 3),
            "final_pose": flat_pose(pose, frame),
        }
        tolerance = _tolerance(rule, dispatch.parameters)
        wrong = []
        if beside > tolerance:
            wrong.append(f"{beside:.2f} m beside the target ({tolerance:g} m are allowed)")
        if turned and off > rule.yaw_tolerance:
            wrong.append(f"{off:.2f} rad off its yaw ({rule.yaw_tolerance:g} rad are allowed)")
        if not wrong:
            return output, None
        error = ErrorInfo(
            type=ErrorType.NAVIGATION,
            code="NAV_NOT_AT_TARGET",
            message=f"the server says it arrived, but the robot is {' and '.join(wrong)}",
            # Sent again, the same goal ends at once in the same place.
            recoverable=False,
            context=output,
        )
        return output, error


def _tolerance(rule: ArrivalSpec, parameters: Mapping[str, Any]) -> float:
    asked = parameters.get(rule.tolerance_parameter) if rule.tolerance_parameter else None
    if isinstance(asked, int | float) and not isinstance(asked, bool):
        return max(float(asked), LOWEST_TOLERANCE)
    return rule.tolerance


def _target(
    rule: ArrivalSpec, parameters: Mapping[str, Any], context: ConversionContext
) -> tuple[str, Mapping[str, Any], bool] | None:
    """Return frame and pose of the last target, and whether it names a direction."""
    value = parameters.get(rule.target)
    if isinstance(value, list):
        value = value[-1] if value else None
    return _place(value, context)


def _not_passed(
    rule: ArrivalSpec, passing: Passing | None, output: dict[str, Any]
) -> ErrorInfo | None:
    """Say which places the robot never came near.

    Nav2's controller takes a way that ends where the robot is for one that is done.
    """
    missed = passing.missed(rule.passing) if passing is not None and rule.passing else []
    if not missed:
        return None
    places = " and ".join(f"{rule.target}[{index}] ({beside:.2f} m)" for index, beside in missed)
    return ErrorInfo(
        type=ErrorType.NAVIGATION,
        code=NOT_PASSED,
        message=f"the server says it arrived, but the robot came no nearer than "
        f"{rule.passing:g} m to {places}",
        recoverable=False,
        context=output,
    )


def _place(value: Any, context: ConversionContext) -> tuple[str, Mapping[str, Any], bool] | None:
    """Return frame and pose of a place, and whether it names a direction."""
    try:
        place = located(value, context)
        if not isinstance(place, Mapping):
            return None
        turned = any(name in place for name in ("yaw", "orientation", "pose"))
        return frame_of(place, context.frame), pose_fields(place), turned
    except (ConversionError, PoseError):
        return None
