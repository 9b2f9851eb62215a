"""Drive to a reachable place near the target instead of the target itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import ConversionError, located
from execution_orchestrator.capabilities.geometry import (
    PoseError,
    flat_pose,
    frame_of,
    pose_fields,
)
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.capabilities.recovery.reachable import (
    NoPlannerError,
    path_length,
    ring,
)
from execution_orchestrator.engine.recovery.strategies import StrategyResult


class AlternativeGoal:
    """Tries places on rings around the target, checked with Nav2's planner, nearest ring first.

    How far from it is good enough only the plan can say, with the action's ``tolerance`` (m):
    without one the target itself is what was asked for. Settings: ``radii`` (m), ``count`` places
    per ring, ``action`` (ComputePathToPose), ``timeout`` of one check (s).
    """

    name = "alternative_goal"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ("target_location", "target")
    settings: Mapping[str, type] = {"radii": list, "count": float, "timeout": float, "action": str}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Retry with the place of the nearest ring that has the shortest path."""
        wanted = context.parameters.get("target_location", context.parameters.get("target"))
        key = "target_location" if "target_location" in context.parameters else "target"
        frame = context.conversion.frame
        try:
            place = located(wanted, context.conversion)
            target = flat_pose(pose_fields(place), frame_of(place, frame))
        except (ConversionError, PoseError) as failure:
            return pass_on(f"the target is not known: {failure}")
        limit = context.parameters.get("tolerance")
        if not isinstance(limit, int | float):
            return pass_on("the plan names no tolerance, so no place beside the target will do")
        radii = [
            float(radius)
            for radius in context.settings.get("radii", (0.25, 0.5, 0.75))
            if radius <= limit
        ]
        count = int(number(context, "count", 8))
        action = str(context.settings.get("action", "compute_path_to_pose"))
        timeout = number(context, "timeout", 5.0)
        for radius in radii:
            best: tuple[float, dict[str, object]] | None = None
            for x, y in ring(target["x"], target["y"], [radius], count):
                candidate = {**target, "x": x, "y": y}
                try:
                    length = await path_length(
                        context.robot, candidate, target["frame"], action=action, timeout=timeout
                    )
                except NoPlannerError as failure:
                    return pass_on(str(failure))
                if length is not None and (best is None or length < best[0]):
                    best = (length, candidate)
            if best is not None:
                reason = f"a place {radius:g} m from the target can be reached"
                changed: dict[str, Any] = {key: best[1]}
                return retry(reason, **changed)
        return pass_on(f"no place within {max(radii, default=0.0):g} m of the target is reachable")
