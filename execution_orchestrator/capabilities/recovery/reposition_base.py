"""Drive the base to another side of an object that the arm cannot reach from here."""

from __future__ import annotations

import math
from collections.abc import Mapping

from execution_orchestrator.capabilities.conversions import ConversionError, located
from execution_orchestrator.capabilities.geometry import (
    PoseError,
    frame_of,
    pose_fields,
    pose_stamped_fields,
)
from execution_orchestrator.capabilities.recovery import causes
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
from execution_orchestrator.capabilities.robot_port import GoalEnd
from execution_orchestrator.engine.recovery.strategies import StrategyResult


class RepositionBase:
    """Goes to a place at arm's length from the object, facing it; another side at each run.

    Settings: ``distances`` (m), ``count`` places per ring, ``planner`` (ComputePathToPose),
    ``action`` (NavigateToPose), ``timeout`` of the drive (s).
    """

    name = "reposition_base"
    resources = ("base",)
    cures = causes.OUT_OF_REACH
    needs: tuple[str, ...] = ("pose", "object_id")
    settings: Mapping[str, type] = {
        "distances": list,
        "count": float,
        "timeout": float,
        "planner": str,
        "action": str,
    }

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Drive to the ``run``-th nearest reachable place and try again."""
        wanted = context.parameters.get("pose") or context.parameters.get("object_id")
        frame = context.conversion.frame
        try:
            place = located(wanted, context.conversion)
            centre = pose_fields(place)["position"]
            frame = frame_of(place, frame)
        except (ConversionError, PoseError) as failure:
            return pass_on(f"the position of the object is unknown: {failure}")
        planner = str(context.settings.get("planner", "compute_path_to_pose"))
        distances = [float(d) for d in context.settings.get("distances", (0.55, 0.65, 0.75))]
        count = int(number(context, "count", 8))
        reachable = []
        for x, y in ring(centre["x"], centre["y"], distances, count):
            facing = math.atan2(centre["y"] - y, centre["x"] - x)
            candidate = {"x": x, "y": y, "yaw": facing}
            try:
                length = await path_length(
                    context.robot, candidate, frame, action=planner, timeout=5.0
                )
            except NoPlannerError as failure:
                return pass_on(str(failure))
            if length is not None:
                reachable.append((length, candidate))
        reachable.sort(key=lambda found: found[0])
        if context.run >= len(reachable):
            return pass_on("there is no other place around the object the base can reach")
        chosen = reachable[context.run][1]
        outcome = await context.move(
            "nav2_msgs/action/NavigateToPose",
            str(context.settings.get("action", "navigate_to_pose")),
            {"pose": pose_stamped_fields(chosen, frame)},
            timeout=number(context, "timeout", 60.0),
        )
        if outcome.end is not GoalEnd.SUCCEEDED:
            said = outcome.reason or outcome.result.get("error_msg") or outcome.end.value
            return pass_on(f"the base did not get to another place: {said}")
        return retry(f"the base stands at x={chosen['x']:.2f}, y={chosen['y']:.2f} now")
