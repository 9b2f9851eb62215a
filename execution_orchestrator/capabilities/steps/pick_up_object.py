"""pick_up_object: open, approach from above, go down, grasp, attach, lift, fold the arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.geometry import flat_pose, orientation_within
from execution_orchestrator.capabilities.steps.arm import (
    attach,
    fold,
    held_objects,
    move_gripper,
    move_tool,
    open_jaws,
    target,
    tool_pose,
)
from execution_orchestrator.capabilities.steps.context import StepContext, StepFailedError
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_CURE = "put it down first, with place_object or open_gripper"
DEFAULT_WIDTH = 0.06  # metres, for an object of unknown width
NOTHING_BETWEEN = 0.002  # metres; jaws this close have met each other, not an object
CLEARANCE = 0.02  # metres the jaws open beyond the object's width


class PickUpObject:
    """Grasps an object at its known or given pose."""

    async def run(self, context: StepContext) -> Mapping[str, Any]:
        """Pick it up; the output names the object and where it was grasped.

        Raises:
            StepFailedError: a step failed, or the jaws closed without holding anything.

        """
        settings = context.parameters
        object_id = str(settings["object_id"])
        pose, frame, known = target(context, object_id)
        grasp = tool_pose(context, pose)
        width = self._width(settings, known)
        size = known.get("size") or {"x": width, "y": width, "z": width}
        dimensions = [float(size[axis]) for axis in ("x", "y", "z")]
        held = await held_objects(context, object_id)
        if object_id not in held:
            _must_be_empty(held, context.gripper.held(), str(settings["link"]))
            position = await self._grasp(context, grasp, frame, width)
            context.report(0.75, "attaching")
            await attach(context, object_id, {"pose": pose, "frame": frame, "size": dimensions})
            context.gripper.grasped(
                object_id,
                {
                    "pose": {
                        "position": {"x": 0.0, "y": 0.0, "z": 0.0},
                        "orientation": orientation_within(
                            pose["orientation"], grasp["orientation"]
                        ),
                    },
                    "frame": str(settings["link"]),
                    "size": dimensions,
                },
            )
        else:
            # An earlier attempt got as far as this; opening the jaws now would drop the object.
            position = width
        context.report(0.85, "lifting")
        await move_tool(context, "lift", grasp, frame, up=float(settings["lift_height"]))
        context.report(0.95, "folding the arm")
        await fold(context, "carry_state")
        return {
            "object_id": object_id,
            "grasp_pose": flat_pose(grasp, frame),
            "gripper_position": position,
        }

    async def _grasp(
        self, context: StepContext, grasp: Mapping[str, Any], frame: str, width: float
    ) -> float:
        settings = context.parameters
        context.report(0.05, "opening the gripper")
        opening = min(float(settings["gripper_open"]), width + 2 * CLEARANCE)
        await open_jaws(context, "open", opening)
        context.report(0.15, "approaching")
        above = float(settings["approach_distance"])
        await move_tool(context, "approach", grasp, frame, up=above)
        context.report(0.45, "going down")
        await move_tool(context, "descend", grasp, frame)
        context.report(0.65, "grasping")
        closed = max(float(settings["gripper_closed"]), width - float(settings["squeeze"]))
        result = await move_gripper(context, "grasp", closed)
        at = float(result.get("position", width))
        if result.get("stalled"):
            missed = at <= float(settings["gripper_closed"]) + NOTHING_BETWEEN
        else:
            # Jaws that nothing stopped are where they were sent, whether the driver says so or not.
            missed = result.get("reached_goal", True) or at <= closed + NOTHING_BETWEEN
        if missed:
            raise StepFailedError(
                ErrorInfo(
                    type=ErrorType.MANIPULATION,
                    code="GRASP_MISSED",
                    message="the jaws closed without meeting the object",
                    recoverable=True,
                    context={"step": "grasp", "position": result.get("position")},
                )
            )
        return at

    @staticmethod
    def _width(settings: Mapping[str, Any], known: Mapping[str, Any]) -> float:
        if "width" in settings:
            return float(settings["width"])
        size = known.get("size") or {}
        seen = [float(size[axis]) for axis in ("x", "y") if size.get(axis)]
        return min(seen) if seen else DEFAULT_WIDTH


def _must_be_empty(attached: list[str], known: Mapping[str, Mapping[str, Any]], link: str) -> None:
    """Raise if the gripper holds something else: to open it now would drop that."""
    kept = [name for name, how in known.items() if how.get("frame") == link]
    others = list(dict.fromkeys([*attached, *kept]))
    if others:
        raise StepFailedError(
            ErrorInfo(
                type=ErrorType.MANIPULATION,
                code="GRIPPER_OCCUPIED",
                message=f"the gripper holds {', '.join(others)}; {_CURE}",
                recoverable=False,
                context={"held": others},
            )
        )
