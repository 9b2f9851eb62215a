"""Places given in the robot's own frame, as places that stay where they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from execution_orchestrator.capabilities.geometry import (
    PoseError,
    flat_pose,
    frame_of,
    pose_fields,
)
from execution_orchestrator.ros.world.transforms import TransformBuffer, matrix_of_pose, pose_of

# REP 105: the map first, because odometry drifts.
FIXED = ("map", "odom")
BASES = frozenset({"base_link", "base_footprint"})


class FixedPlaces:
    """Turns "2.5 m ahead" into a place in the map, or in `odom` where there is no map.

    ``bases`` are frames of robots besides those that REP 105 names.
    """

    def __init__(self, transforms: TransformBuffer, bases: Collection[str]) -> None:
        self._transforms = transforms
        self._bases = BASES | frozenset(bases)

    def place(self, value: Any) -> Any:
        """Return a pose, or each of a list, in a frame that does not move with the robot.

        None: it is in such a frame already, or tf does not say where it is.
        """
        if isinstance(value, list):
            found = [self._one(pose) for pose in value]
            if all(pose is None for pose in found):
                return None
            return [
                given if pose is None else pose for given, pose in zip(value, found, strict=True)
            ]
        return self._one(value)

    def _one(self, value: Any) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return None
        frame = frame_of(value, "")
        chain = self._transforms.ancestors(frame) if frame else []
        if not any(name.rpartition("/")[2] in self._bases or name in self._bases for name in chain):
            return None
        fixed = next((name for name in FIXED if name in chain), "")
        if not fixed:
            return None
        here = self._transforms.matrix(fixed, frame)
        try:
            pose = pose_fields(value)
        except PoseError:
            return None  # what is wrong with it is told when its goal is made
        return None if here is None else flat_pose(pose_of(here @ matrix_of_pose(pose)), fixed)
