"""Poses around a target that Nav2 finds a path to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from execution_orchestrator.capabilities.geometry import pose_stamped_fields
from execution_orchestrator.capabilities.robot_port import GoalEnd, RobotPort

PLAN_TYPE = "nav2_msgs/action/ComputePathToPose"


def ring(x: float, y: float, radii: Sequence[float], count: int) -> Iterator[tuple[float, float]]:
    """Points around (x, y), nearest ring first, in metres."""
    for radius in radii:
        for index in range(count):
            angle = 2.0 * math.pi * index / count
            yield x + radius * math.cos(angle), y + radius * math.sin(angle)


async def path_length(
    robot: RobotPort, pose: dict[str, Any], frame: str, *, action: str, timeout: float
) -> float | None:
    """Length in metres of Nav2's path to a flat pose; None: there is none, or nobody to ask."""
    outcome = await robot.run_action(
        PLAN_TYPE,
        action,
        {"goal": pose_stamped_fields(pose, frame), "use_start": False},
        timeout=timeout,
    )
    if outcome.end is not GoalEnd.SUCCEEDED or outcome.result.get("error_code", 0):
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
