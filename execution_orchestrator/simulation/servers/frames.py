"""Where frames are, by /tf."""

from __future__ import annotations

import time
from functools import partial

from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from tf2_msgs.msg import TFMessage
from tf2_ros import BufferCore, TransformException

from execution_orchestrator.simulation.geometry import Array, from_quaternion
from execution_orchestrator.simulation.servers.simulated_server import SimServer
from execution_orchestrator.simulation.work.body import UnknownFrameError
from execution_orchestrator.simulation.work.messages import MAP

PATIENCE = 2.0  # seconds for a transform to arrive
DEPTH = 100


class Frames:
    """Looks a frame up when it is asked for: to listen to /tf all the time would cost more."""

    def __init__(self, server: SimServer) -> None:
        self._server = server

    def look_up(self, frame: str) -> Array:
        """Return the pose of a frame in the map.

        Raises:
            UnknownFrameError: no transform of that frame arrives in time.

        """
        server, buffer = self._server, BufferCore()

        def take(message: TFMessage, *, static: bool) -> None:
            put = buffer.set_transform_static if static else buffer.set_transform
            with server.changed:
                for transform in message.transforms:
                    put(transform, "default_authority")
                server.changed.notify_all()

        latched = QoSProfile(depth=DEPTH, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        topics = (("tf", QoSProfile(depth=DEPTH), False), ("tf_static", latched, True))
        subscriptions = [
            server.create_subscription(
                TFMessage, topic, partial(take, static=static), qos, callback_group=server.group
            )
            for topic, qos, static in topics
        ]
        deadline = time.monotonic() + PATIENCE
        try:
            with server.changed:
                while (found := _newest(buffer, frame)) is None:
                    left = deadline - time.monotonic()
                    if left <= 0.0:
                        raise UnknownFrameError(f"no transform from frame {frame!r} to {MAP!r}")
                    server.changed.wait(left)
            return found
        finally:
            for subscription in subscriptions:
                server.destroy_subscription(subscription)


def _newest(buffer: BufferCore, frame: str) -> Array | None:
    try:
        found = buffer.lookup_transform_core(MAP, frame, Time()).transform
    except TransformException:
        return None
    at, turned = found.translation, found.rotation
    return from_quaternion((at.x, at.y, at.z), (turned.x, turned.y, turned.z, turned.w))
