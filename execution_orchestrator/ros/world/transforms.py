"""A small buffer of the newest transforms: enough to say where one frame is in another."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from execution_orchestrator.capabilities.geometry import pose_fields

MAX_FRAMES = 1000
REPEATED = 5  # transforms of one frame after which more of them are expected
Matrix = NDArray[np.float64]


class TransformBuffer:
    """Newest transform of each child frame to its parent, as tf2 has it."""

    def __init__(self) -> None:
        self._parents: dict[str, tuple[str, Matrix]] = {}
        self._heard: dict[str, tuple[int, float]] = {}  # of a child frame: how often, when last
        self.frames: frozenset[str] = frozenset()  # every frame heard of; read on any thread

    def update(self, transforms: Any, now: float = 0.0, *, static: bool = False) -> None:
        """Take the transforms of a tf2_msgs/TFMessage that arrived at ``now`` (seconds)."""
        for stamped in transforms:
            if len(self._parents) >= MAX_FRAMES and stamped.child_frame_id not in self._parents:
                continue
            parent, child = stamped.header.frame_id.lstrip("/"), stamped.child_frame_id.lstrip("/")
            if child not in self.frames or parent not in self.frames:
                self.frames |= {child, parent}
            if not static:
                times, _ = self._heard.get(child, (0, 0.0))
                self._heard[child] = (times + 1, now)
            self._parents[child] = (
                parent,
                matrix_of(stamped.transform.translation, stamped.transform.rotation),
            )

    def heard(self, frame: str, child: str) -> float | None:
        """Return when the slowest transform between two frames was heard last.

        None: none of them is published again and again.
        """
        between = {*self._chain(frame)} ^ {*self._chain(child)}
        told = [self._heard[name] for name in between if name in self._heard]
        return min((when for times, when in told if times >= REPEATED), default=None)

    def _chain(self, frame: str) -> list[str]:
        """Frames from one to its root."""
        chain: list[str] = []
        while frame in self._parents and len(chain) <= MAX_FRAMES:
            chain.append(frame)
            frame = self._parents[frame][0]
        return chain

    def pose(self, frame: str, child: str) -> dict[str, Any] | None:
        """Pose of ``child`` in ``frame`` as fields of geometry_msgs/Pose; None: not connected."""
        found = self.matrix(frame, child)
        return None if found is None else pose_of(found)

    def matrix(self, frame: str, child: str) -> Matrix | None:
        """Pose of ``child`` in ``frame`` as a homogeneous matrix; None: not connected."""
        from_child = self._to_root(child)
        from_frame = self._to_root(frame)
        if from_child[0] != from_frame[0]:
            return None
        return np.linalg.inv(from_frame[1]) @ from_child[1]

    def ancestors(self, frame: str) -> list[str]:
        """Return a frame and all those it is a child of, up to the root."""
        chain = self._chain(frame)
        return [*chain, self._parents[chain[-1]][0]] if chain else [frame]

    def _to_root(self, frame: str) -> tuple[str, Matrix]:
        total: Matrix = np.eye(4)
        seen = 0
        while frame in self._parents and seen <= MAX_FRAMES:
            frame, step = self._parents[frame]
            total = step @ total
            seen += 1
        return frame, total


def matrix_of_pose(pose: Mapping[str, Any]) -> Matrix:
    """Homogeneous matrix of the fields of a geometry_msgs/Pose."""
    return matrix_of(SimpleNamespace(**pose["position"]), SimpleNamespace(**pose["orientation"]))


def matrix_of(translation: Any, rotation: Any) -> Matrix:
    """Homogeneous matrix of a translation in metres and a unit quaternion."""
    x, y, z, w = rotation.x, rotation.y, rotation.z, rotation.w
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), translation.x],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), translation.y],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), translation.z],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def pose_of(matrix: Matrix) -> dict[str, Any]:
    """Fields of geometry_msgs/Pose of a homogeneous matrix."""
    rotation = matrix[:3, :3]
    roll = float(np.arctan2(rotation[2, 1], rotation[2, 2]))
    pitch = float(np.arcsin(np.clip(-rotation[2, 0], -1.0, 1.0)))
    yaw = float(np.arctan2(rotation[1, 0], rotation[0, 0]))
    x, y, z = (float(part) for part in matrix[:3, 3])
    flat: Mapping[str, Any] = {"x": x, "y": y, "z": z, "roll": roll, "pitch": pitch, "yaw": yaw}
    return pose_fields(flat)
