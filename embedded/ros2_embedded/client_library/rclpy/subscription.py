"""Subscriptions."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

from ros2_embedded.idl import DeserializationError, deserialize

from rclpy.callback_groups import CallbackGroup
from rclpy.destroyable import Entity, Handle
from rclpy.qos import QoSProfile


class SubscriptionHandle(Handle):
    """Guards a subscription, and takes its messages."""

    def __init__(self, subscription: Subscription, reader: Any) -> None:
        super().__init__("subscription", reader.close)
        self._subscription = subscription

    def take_message(self, _msg_type: Any, _raw: bool) -> tuple[Any, dict[str, int | None]] | None:
        """Return a message (or its bytes) and its information; None if there is none."""
        received = self._subscription._receive()
        return received and (received[0], self._subscription._information(received[1]))


class Subscription(Entity):
    """Made by Node.create_subscription."""

    _order = 2

    def __init__(
        self,
        reader: Any,
        msg_type: Any,
        topic: str,
        callback: Callable[..., Any],
        callback_group: CallbackGroup,
        qos_profile: QoSProfile,
        raw: bool,
        *,
        event_callbacks: Any,
        logger: Any,
    ) -> None:
        self._reader = reader
        self._logger = logger
        self.msg_type = msg_type
        self.topic = topic  # as the program named it
        self._name = topic
        self.callback = callback
        self.callback_group = callback_group
        self.qos_profile = qos_profile
        self.raw = raw
        self.condition = reader.condition
        self._handle = SubscriptionHandle(self, reader)
        self.event_handlers = event_callbacks.create_event_handlers(
            callback_group, reader, topic, logger
        )

    def get_publisher_count(self) -> int:
        """Return how many publishers are matched."""
        with self._handle:
            return self._reader.matched_count()

    @property
    def topic_name(self) -> str:
        """The full name of the topic."""
        with self._handle:
            return self._name

    @property
    def callback(self) -> Callable[..., Any]:
        return self._callback

    @callback.setter
    def callback(self, value: Callable[..., Any]) -> None:
        signature = inspect.signature(value)
        for count in (1, 2):
            try:
                signature.bind(*[None] * count)
            except TypeError:
                continue
            self._callback = value
            self._with_info = count == 2
            return
        raise RuntimeError(
            "Subscription.__init__(): callback should be either be callable with one argument"
            "(to get only the message) or two (to get message and message info)"
        )

    def _receive(self) -> Any:
        """Take one message as (message or bytes, source timestamp); None if there is none."""
        for data, stamp, _ in self._reader.take():
            if self.raw:
                return data, stamp
            try:
                return deserialize(data, self.msg_type), stamp
            except DeserializationError as failure:
                self._logger.error(f"A message on '{self.topic}' was dropped: {failure}")
        return None

    def _take(self, executor: Any) -> Any:
        received = self._receive()
        if received is None:
            return None
        if not self._with_info:
            return self._callback, received[:1]
        return self._callback, (received[0], self._information(received[1]))

    @staticmethod
    def _information(stamp: int) -> dict[str, int | None]:
        return {
            "source_timestamp": stamp,
            "received_timestamp": time.time_ns(),
            "publication_sequence_number": None,
            "reception_sequence_number": None,
        }
