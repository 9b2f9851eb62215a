"""Subscriptions of what comes often, on a node that has little else.

For every message that comes to a node rclpy looks at all of its entities, and this node has some
hundred. Transforms, odometry and log messages come up to some hundred times a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Listener:
    """Subscribes on the node ``listening`` to topics as ``node`` names and remaps them.

    Callbacks are called on the thread that spins ``listening``.
    """

    def __init__(self, node: Any, listening: Any) -> None:
        self._node = node
        #: The rclpy node, for what makes its subscriptions itself.
        self.node = listening

    def resolve_topic_name(self, topic: str) -> str:
        """Return the full name of a topic."""
        name: str = self._node.resolve_topic_name(topic)
        return name

    def create_subscription(
        self,
        message_type: Any,
        topic: str,
        callback: Callable[[Any], None],
        quality: Any,
        *,
        raw: bool = False,
    ) -> Any:
        """Subscribe as a node does; ``raw``: the callback is given the bytes of the message."""
        return self.node.create_subscription(
            message_type, self.resolve_topic_name(topic), callback, quality, raw=raw
        )

    def destroy_subscription(self, subscription: Any) -> None:
        """Remove a subscription."""
        self.node.destroy_subscription(subscription)
