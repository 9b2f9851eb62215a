"""Publishers."""

from __future__ import annotations

from typing import Any

from ros2_embedded.idl import serialize

from rclpy.callback_groups import CallbackGroup
from rclpy.destroyable import Entity, Handle
from rclpy.qos import QoSProfile
from rclpy.duration import Duration
from rclpy.exceptions import RCLError


class Publisher(Entity):
    """Made by Node.create_publisher."""

    def __init__(self, writer: Any, msg_type: Any, topic: str, qos_profile: QoSProfile, *, event_callbacks: Any, callback_group: CallbackGroup, logger: Any, context: Any) -> None:  # fmt: skip
        self._writer = writer
        self._write = writer.write
        self._context = context
        self.msg_type = msg_type
        self.topic = topic
        self.qos_profile = qos_profile
        self._name = topic
        self._handle = Handle("publisher", writer.close)
        self.event_handlers = event_callbacks.create_event_handlers(
            callback_group, writer, topic, logger
        )

    def publish(self, msg: Any) -> None:
        """Send a message, or bytes that are one already.

        Raises:
            TypeError: the message is of another type.
            InvalidHandle: the publisher was destroyed.
            RCLError: the context ended.

        """
        if self._handle._close is None or not self._context._ok:
            self._refuse()
        if isinstance(msg, self.msg_type):
            self._write(serialize(msg))
        elif isinstance(msg, bytes):
            self._write(msg)
        else:
            raise TypeError(f"Expected {self.msg_type}, got {type(msg)}")

    def _refuse(self) -> None:
        """Raise why nothing can be published any more."""
        with self._handle:
            raise RCLError("Failed to publish: publisher's context is invalid")

    def get_subscription_count(self) -> int:
        """Return how many subscriptions are matched."""
        with self._handle:
            return self._writer.matched_count()

    @property
    def topic_name(self) -> str:
        """The full name of the topic."""
        with self._handle:
            return self._name

    def wait_for_all_acked(self, timeout: Duration = Duration(seconds=-1)) -> bool:
        """Wait until all reliable subscriptions have everything; False after the timeout."""
        with self._handle:
            nanoseconds = timeout.nanoseconds
            return self._writer.wait_for_acks(nanoseconds if nanoseconds >= 0 else 2**63 - 1)
