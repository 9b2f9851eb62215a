"""Passes messages on, changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class DataRepublisher:
    """Publishes what `transform_fn` makes of the messages of another topic; None drops one."""

    def __init__(
        self,
        node: Any,
        listen_topic: str,
        publish_topic: str,
        msg_type: Any,
        transform_fn: Callable[[Any], Any],
    ) -> None:
        self._node = node
        self._transform = transform_fn
        self._received = 0
        self._republished: list[Any] = []
        self._publisher = node.create_publisher(msg_type, publish_topic, 10)
        self._subscription = node.create_subscription(msg_type, listen_topic, self._pass_on, 10)

    def _pass_on(self, message: Any) -> None:
        """Change and publish a message."""
        self._received += 1
        changed = self._transform(message)
        if changed:
            self._republished.append(message)
            self._publisher.publish(changed)

    def shutdown(self) -> None:
        """Stop."""
        self._node.destroy_subscription(self._subscription)
        self._node.destroy_publisher(self._publisher)

    def get_num_received(self) -> int:
        """Return how many messages have come."""
        return self._received

    def get_num_republished(self) -> int:
        """Return how many messages were passed on."""
        return len(self._republished)

    def get_republished(self) -> list[Any]:
        """Return the messages that were passed on, as they came."""
        return self._republished
