"""Where frames are, by tf2, and when each transform was heard last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.time import Time
from tf2_ros import Buffer, TransformException, TransformListener

from execution_orchestrator.capabilities.geometry import pose_fields

MAX_FRAMES = 1000
REPEATED = 5  # transforms of one frame after which more of them are expected
SILENT = 3.0  # seconds without one of them after which the pose of the frame is unknown
LOOK_PERIOD = 0.02  # seconds between two looks for a transform that is waited for
Matrix = NDArray[np.float64]


class Transforms:
    """tf2's buffer of a node, filled on the thread that spins it. May be asked from any thread.

    ``heard`` is called on that thread after each transform.
    """

    def __init__(
        self,
        node: Any,
        heard: Callable[[], None] = lambda: None,
        *,
        topic: str = "/tf",
        static_topic: str = "/tf_static",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._buffer = Buffer(node=node)
        self._heard = heard
        self._clock = clock
        self._parents: dict[str, str] = {}
        self._heard_at: dict[str, tuple[int, float]] = {}  # of a child frame: how often, when last
        self.frames: frozenset[str] = frozenset()  # every frame heard of
        self._listener = TransformListener(self, node, tf_topic=topic, tf_static_topic=static_topic)

    def set_transform(self, transform: Any, authority: str) -> None:
        """Take a geometry_msgs/TransformStamped that changes, as the listener hands it on."""
        if self._knows(transform):
            self._buffer.set_transform(transform, authority)
            child = transform.child_frame_id.lstrip("/")
            times, _ = self._heard_at.get(child, (0, 0.0))
            self._heard_at[child] = (times + 1, self._clock())
            self._heard()

    def set_transform_static(self, transform: Any, authority: str) -> None:
        """Take a static geometry_msgs/TransformStamped."""
        if self._knows(transform):
            self._buffer.set_transform_static(transform, authority)
            self._heard()

    def _knows(self, transform: Any) -> bool:
        """Note the frames; False: there are too many."""
        parent = transform.header.frame_id.lstrip("/")
        child = transform.child_frame_id.lstrip("/")
        if child not in self._parents and len(self._parents) >= MAX_FRAMES:
            return False
        self._parents[child] = parent
        if child not in self.frames or parent not in self.frames:
            self.frames |= {child, parent}
        return True

    def heard(self, frame: str, child: str) -> float | None:
        """Return when the slowest transform between two frames was heard last (monotonic clock).

        None: none of them is published again and again.
        """
        between = {*self.ancestors(frame)} ^ {*self.ancestors(child)}
        stamps = [self._heard_at[name] for name in between if name in self._heard_at]
        return min((when for times, when in stamps if times >= REPEATED), default=None)

    def silent(self, frame: str, child: str) -> float:
        """Seconds for which the way between two frames is not known any more; 0.0: it is known."""
        heard = self.heard(frame, child)
        age = self._clock() - heard if heard is not None else 0.0
        return age if age > SILENT else 0.0

    def pose(self, frame: str, child: str, stamp: Any = None) -> dict[str, Any] | None:
        """Pose of ``child`` in ``frame`` as fields of geometry_msgs/Pose.

        ``stamp`` is a builtin_interfaces/Time, without it the newest. None: tf does not say it.
        """
        transform = self._transform(frame, child, stamp)
        if transform is None:
            return None
        moved, turned = transform.translation, transform.rotation
        return {
            "position": {"x": moved.x, "y": moved.y, "z": moved.z},
            "orientation": {"x": turned.x, "y": turned.y, "z": turned.z, "w": turned.w},
        }

    def matrix(self, frame: str, child: str, stamp: Any = None) -> Matrix | None:
        """Pose of ``child`` in ``frame`` as a homogeneous matrix; None: tf does not say it."""
        transform = self._transform(frame, child, stamp)
        return None if transform is None else matrix_of(transform.translation, transform.rotation)

    async def wait(self, frame: str, child: str, stamp: Any, timeout: float) -> bool:
        """Wait until it is known where a frame was at a time, ``timeout`` seconds at most."""
        end = self._clock() + timeout
        while self._transform(frame, child, stamp) is None:
            if self._clock() >= end:
                return False
            await asyncio.sleep(LOOK_PERIOD)
        return True

    def ancestors(self, frame: str) -> list[str]:
        """Return a frame and all those it is a child of, up to the root."""
        chain = [frame]
        while (parent := self._parents.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        return chain

    def close(self) -> None:
        """Remove the subscriptions."""
        self._listener.unregister()

    def _transform(self, frame: str, child: str, stamp: Any) -> Any:
        when = Time() if stamp is None else Time.from_msg(stamp)
        try:
            return self._buffer.lookup_transform(frame, child, when).transform
        except TransformException:
            return None


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
