"""What Nav2's planner says about the way to a place, and places around a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import PoseError, pose_stamped_fields
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotPort

PLAN_TYPE = "nav2_msgs/action/ComputePathToPose"
NO_WAY_CODES = frozenset({203, 204, 205, 206, 208})  # ComputePathToPose: the map has no way
MOST_LEGS = 20  # of a list of poses; the planner is not asked about the way beyond them
_TARGETS = ("target_location", "target", "poses")


class NoPlannerError(Exception):
    """No planner server can be asked for a path; the message says why."""


class Reach(Enum):
    """Whether a place can be reached."""

    PATH = "path"
    NO_PATH = "no path"
    UNKNOWN = "unknown"  # no answer, or the action names no place
    NO_PLANNER = "no planner"  # there is no planner server to ask


def ring(x: float, y: float, radii: Sequence[float], count: int) -> Iterator[tuple[float, float]]:
    """Points around (x, y), nearest ring first, in metres."""
    for radius in radii:
        for index in range(count):
            angle = 2.0 * math.pi * index / count
            yield x + radius * math.cos(angle), y + radius * math.sin(angle)


async def way_there(
    robot: RobotPort,
    parameters: Mapping[str, Any],
    context: ConversionContext,
    *,
    action: str,
    timeout: float,
) -> Reach:
    """Return whether the planner finds a path to an action's target, or through all of its poses.

    ``timeout`` is in seconds for each leg.
    """
    named = next((parameters[key] for key in _TARGETS if parameters.get(key)), None)
    if named is None:
        return Reach.UNKNOWN
    places = named if isinstance(named, list | tuple) else [named]
    try:
        poses = [pose_stamped_fields(located(one, context), context.frame) for one in places]
    except (ConversionError, PoseError):
        return Reach.UNKNOWN
    start: dict[str, Any] | None = None
    for pose in poses[:MOST_LEGS]:
        goal: dict[str, Any] = {"goal": pose, "use_start": start is not None}
        if start is not None:
            goal["start"] = start
        outcome = await robot.run_action(PLAN_TYPE, action, goal, timeout=timeout)
        if outcome.result.get("error_code") in NO_WAY_CODES:
            return Reach.NO_PATH
        if outcome.end is GoalEnd.NO_SERVER:
            return Reach.NO_PLANNER
        if outcome.end is not GoalEnd.SUCCEEDED:
            return Reach.UNKNOWN
        if _length(outcome) is None:
            return Reach.NO_PATH
        start = pose
    return Reach.PATH


async def path_length(
    robot: RobotPort, pose: dict[str, Any], frame: str, *, action: str, timeout: float
) -> float | None:
    """Length in metres of Nav2's path to a flat pose; None: there is none.

    Raises:
        NoPlannerError: there is no planner, so it need not be asked for another place.

    """
    outcome = await robot.run_action(
        PLAN_TYPE,
        action,
        {"goal": pose_stamped_fields(pose, frame), "use_start": False},
        timeout=timeout,
    )
    if outcome.end in (GoalEnd.NO_SERVER, GoalEnd.OTHER_TYPE, GoalEnd.LOST):
        raise NoPlannerError(f"{action} cannot be asked: {outcome.reason or outcome.end.value}")
    return _length(outcome) if outcome.end is GoalEnd.SUCCEEDED else None


def _length(outcome: GoalOutcome) -> float | None:
    if outcome.result.get("error_code", 0):
        return None
    path = outcome.result.get("path", {}).get("poses", [])
    if isinstance(path, dict):
        # A path too long to be kept in full is still a path.
        return float(path["items"])
    points = [
        (stamped["pose"]["position"]["x"], stamped["pose"]["position"]["y"]) for stamped in path
    ]
    if not points:
        return None
    return sum(math.dist(a, b) for a, b in pairwise(points))
