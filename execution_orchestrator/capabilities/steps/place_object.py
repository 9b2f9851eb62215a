"""place_object: approach from above, go down, release, detach, retreat, fold the arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from execution_orchestrator.capabilities.geometry import crowds, flat_pose
from execution_orchestrator.capabilities.steps.arm import (
    detach,
    fold,
    held_objects,
    move_tool,
    open_jaws,
    target,
    tool_pose,
)
from execution_orchestrator.capabilities.steps.context import StepContext, StepFailedError
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

RETREATS = 3
PATIENCE = 30.0  # seconds for a server that went away


class PlaceObject:
    """Places the held object at a pose."""

    async def run(self, context: StepContext) -> Mapping[str, Any]:
        """Put it down; the output names the object and where it is now.

        Raises:
            StepFailedError: a step failed, or nothing of that name is held.

        """
        settings = context.parameters
        wanted = str(settings.get("object_id", ""))
        at, surface = self._where(context, wanted)
        pose, frame, _ = target(context, "", at=at)
        place = tool_pose(context, pose)
        above = float(settings["approach_distance"])
        # A pause may have ended an earlier attempt in its retreat.
        held = context.gripper.put_down()
        if not held:
            done = context.ledger.results(context.goal_id)
            held = str(done["held"]) if "held" in done else await self._held(context, wanted)
            context.ledger.record(context.goal_id, "held", held)
            _raise(place, settings.get("surface", surface), context.gripper.held().get(held, {}))
            context.report(0.05, "approaching")
            await move_tool(context, "approach", place, frame, up=above)
            context.report(0.4, "going down")
            await move_tool(context, "descend", place, frame)
            context.report(0.65, "releasing")
            await open_jaws(context, "release", float(settings["gripper_open"]))
            await detach(context, held)
            context.gripper.released(held)
        context.report(0.8, "retreating")
        await self._retreat(context, place, frame, above)
        context.report(0.9, "folding the arm")
        await fold(context, "rest_state")
        return {"object_id": held, "place_pose": flat_pose(place, frame)}

    def _where(self, context: StepContext, wanted: str) -> tuple[object, Any]:
        """Return where it is put down, and how high it is there: of a place what it has for that.

        Of several poses of a place the first is taken where nothing else is known to stand.
        """
        value = context.parameters.get("pose")
        place = context.conversion.places.get(value) if isinstance(value, str) else None
        if not isinstance(place, Mapping) or not place.get("put_down"):
            return value, None
        own = {wanted, context.gripper.put_down(), *context.gripper.held()}
        others = [
            known["pose"]
            for name, known in context.conversion.objects.items()
            if name not in own and isinstance(known.get("pose"), Mapping)
        ]
        spots = place["put_down"]
        free = [spot for spot in spots if not any(crowds(spot, pose) for pose in others)]
        return (free or spots)[0], place.get("surface")

    async def _retreat(
        self, context: StepContext, place: Mapping[str, Any], frame: str, above: float
    ) -> None:
        """Retreat from the object that was put down.

        It is tried again here: another attempt at the whole would find nothing to put down.
        """
        for left in reversed(range(RETREATS)):
            step = "retreat" if left == RETREATS - 1 else f"retreat_{RETREATS - left}"
            try:
                await move_tool(context, step, place, frame, up=above)
            except StepFailedError as failure:
                error = failure.error
                if not left or not error.recoverable:
                    raise StepFailedError(
                        msgspec.structs.replace(
                            error,
                            message=f"it is put down, but {error.message}",
                            recoverable=False,
                        )
                    ) from failure
                server = error.context
                if error.type is ErrorType.CONNECTIVITY and "interface_type" in server:
                    await context.robot.wait_for_server(
                        server["kind"], server["interface_type"], server["server"], timeout=PATIENCE
                    )
            else:
                return

    async def _held(self, context: StepContext, wanted: str) -> str:
        held = await held_objects(context, wanted)
        if wanted in held:
            return wanted
        if held and not wanted:
            return held[0]
        what = wanted or "nothing"
        raise StepFailedError(
            ErrorInfo(
                type=ErrorType.MANIPULATION,
                code="NOT_HELD",
                message=f"{what} is held by the gripper" if not wanted else f"{wanted} is not held",
                recoverable=False,
                context={"held": held},
            )
        )


def _raise(place: dict[str, Any], surface: Any, held_as: Mapping[str, Any]) -> None:
    """Lift the place of a tall object, so that its foot is not below the surface (metres)."""
    size = held_as.get("size")
    if surface is None or not size:
        return
    position = place["position"]
    position["z"] = max(float(position["z"]), float(surface) + float(size[2]) / 2)
