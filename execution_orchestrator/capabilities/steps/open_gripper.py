"""open_gripper: open the jaws, and detach what they held in move_group's scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.steps.arm import detach, open_jaws
from execution_orchestrator.capabilities.steps.context import StepContext


class OpenGripper:
    """Opens to ``position`` metres between the jaws, ``gripper_open`` of the settings if absent."""

    async def run(self, context: StepContext) -> Mapping[str, Any]:
        """Open it; the output is what the gripper answered.

        Raises:
            StepFailedError: the gripper did not open, or move_group does not answer.

        """
        settings = context.parameters
        wanted = float(settings.get("position", settings["gripper_open"]))
        result = await open_jaws(context, "open", wanted)
        opening = float(result.get("position", wanted))
        for name, how in context.gripper.held().items():
            if how["frame"] == str(settings["link"]) and opening > min(how["size"][:2]):
                await detach(context, name)
                context.gripper.released(name)
        return result
