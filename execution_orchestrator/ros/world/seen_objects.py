"""Objects that a camera on the robot saw, as places that stay where they are."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from builtin_interfaces.msg import Time

from execution_orchestrator.ros.world.fixed_places import FixedPlaces
from execution_orchestrator.ros.world.transforms import Transforms

log = logging.getLogger(__name__)
PATIENCE = 0.5  # seconds that the transform of a picture's moment may come later than what it shows


async def place_objects(
    output: Mapping[str, Any], places: FixedPlaces, transforms: Transforms
) -> dict[str, Any]:
    """Return an output whose ``objects`` have their poses in the map, or in `odom` without one.

    A pose in a frame that moves with the robot holds for the moment of its ``stamp`` only. One that
    tf does not know for that moment is not changed, which is logged.
    """
    objects = output.get("objects")
    if not isinstance(objects, list):
        return dict(output)
    return {**output, "objects": [await _placed(one, places, transforms) for one in objects]}


async def _placed(found: Any, places: FixedPlaces, transforms: Transforms) -> Any:
    pose = found.get("pose") if isinstance(found, Mapping) else None
    moving = places.moving(pose)
    if moving is None or pose is None:
        return found
    frame, fixed = moving
    stamp = _stamp_of(found)
    known = stamp is None or await transforms.wait(fixed, frame, stamp, PATIENCE)
    place = places.place(pose, stamp) if known else None
    if place is None:
        log.warning(
            "%s stays in %s: tf does not say where that was in %s when it was seen",
            found.get("id") or "an object",
            frame,
            fixed,
        )
        return found
    return {**found, "pose": place}


def _stamp_of(found: Mapping[str, Any]) -> Any:
    """Return when an object was seen; None, as tf2 has a stamp of zero: now."""
    fields = found.get("stamp")
    if not isinstance(fields, Mapping):
        return None
    stamp = Time(sec=int(fields.get("sec", 0)), nanosec=int(fields.get("nanosec", 0)))
    return stamp if stamp.sec or stamp.nanosec else None
