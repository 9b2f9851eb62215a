"""The multi-step capabilities that come with the package; more are added by entry point."""

from __future__ import annotations

from execution_orchestrator.capabilities.steps.context import MultiStepCapability
from execution_orchestrator.capabilities.steps.open_gripper import OpenGripper
from execution_orchestrator.capabilities.steps.pick_up_object import PickUpObject
from execution_orchestrator.capabilities.steps.place_object import PlaceObject
from execution_orchestrator.extras import built_additions

ENTRY_POINTS = "execution_orchestrator.capabilities"


def multi_step_capabilities() -> dict[str, MultiStepCapability]:
    """Shipped capabilities and those of entry points, by name."""
    return {
        "open_gripper": OpenGripper(),
        "pick_up_object": PickUpObject(),
        "place_object": PlaceObject(),
        **built_additions(ENTRY_POINTS, "multi-step capability", ("run",)),
    }
