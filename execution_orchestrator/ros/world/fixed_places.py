"""Places given in the robot's own frame, as places that stay where they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from execution_orchestrator.capabilities.geometry import (
    BASES,
    PoseError,
    each_pose,
    flat_pose,
    frame_of,
    pose_fields,
)
from execution_orchestrator.ros.world.transforms import Transforms, matrix_of_pose, pose_of

# REP 105: the map first, because odometry drifts.
FIXED = ("map", "odom")


class FixedPlaces:
    """Turns "2.5 m ahead" into a place in the map, or in `odom` where there is no map.

    ``bases`` are frames of robots besides those that REP 105 names.
    """

    def __init__(self, transforms: Transforms, bases: Collection[str]) -> None:
        self._transforms = transforms
        self._bases = BASES | frozenset(bases)

    def place(self, value: Any, stamp: Any = None) -> Any:
        """Return a pose, or each of a list, in a frame that does not move with the robot.

        ``stamp`` is a builtin_interfaces/Time at which the pose held, without it now. None: it is
        in such a frame already, or tf does not say where it is.
        """
        return each_pose(value, lambda one: self._one(one, stamp))

    def moving(self, value: Any) -> tuple[str, str] | None:
        """Return the frame of a pose and the fixed one above it, if it moves with the robot."""
        frame = frame_of(value, "") if isinstance(value, Mapping) else ""
        chain = self._transforms.ancestors(frame) if frame else []
        if not any(self._is_base(name) for name in chain):
            return None
        fixed = next((name for name in FIXED if name in chain), "")
        return (frame, fixed) if fixed else None

    def moves(self, value: Any) -> bool:
        """Whether a pose moves with a robot, by tf or, while that is mute, by the frame's name."""
        named = isinstance(value, Mapping) and self._is_base(frame_of(value, ""))
        return named or self.moving(value) is not None

    def _is_base(self, frame: str) -> bool:
        return frame.rpartition("/")[2] in self._bases or frame in self._bases

    def _one(self, value: Any, stamp: Any) -> dict[str, Any] | None:
        moving = self.moving(value)
        if moving is None:
            return None
        frame, fixed = moving
        try:
            pose = pose_fields(value)
        except PoseError:
            return None  # its mistakes are reported when its goal is made
        if stamp is None and self._transforms.silent(fixed, frame):
            return None  # the robot's pose is unknown
        there = self._transforms.matrix(fixed, frame, stamp)
        return None if there is None else flat_pose(pose_of(there @ matrix_of_pose(pose)), fixed)
