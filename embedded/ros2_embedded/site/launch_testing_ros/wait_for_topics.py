"""Waits for messages."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

_numbers = itertools.count()


class WaitForTopics:
    """Waits until a message has come on each of some topics.

    `topic_tuples` holds (name, type) or (name, type, QoS profile); `timeout` is in seconds. The
    callback is given the node once the subscriptions exist.
    """

    def __init__(
        self,
        topic_tuples: Iterable[tuple[Any, ...]],
        timeout: float = 5.0,
        messages_received_buffer_length: int = 10,
        callback: Callable[..., Any] | None = None,
        callback_arguments: Iterable[Any] = (),
        node_namespace: str | None = None,
    ) -> None:
        self._topics = list(topic_tuples)
        self._timeout = timeout
        self._messages: dict[str, deque[Any]] = {
            entry[0]: deque(maxlen=messages_received_buffer_length) for entry in self._topics
        }
        self._changed = threading.Condition()
        self._callback = callback
        self._callback_arguments = tuple(callback_arguments)
        self._namespace = node_namespace
        self._context: Any = None
        self._node: Any = None
        self._pump: Any = None

    def __enter__(self) -> WaitForTopics:
        """Wait. Raises RuntimeError naming the topics that stayed silent."""
        if not self.wait():
            self.shutdown()
            silent = ", ".join(sorted(self.topics_not_received()))
            raise RuntimeError(f"Did not receive messages on these topics: {silent}")
        return self

    def __exit__(self, *_: object) -> None:
        """Destroy the node."""
        self.shutdown()

    def wait(self) -> bool:
        """Wait; tell whether a message has come on each topic in time."""
        if self._node is None:
            self._start()
        with self._changed:
            return self._changed.wait_for(lambda: not self.topics_not_received(), self._timeout)

    def _start(self) -> None:
        """Make a node that subscribes to the topics."""
        import rclpy

        from .message_pump import MessagePump

        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context)
        self._node = rclpy.create_node(
            f"wait_for_topics_{next(_numbers)}", context=self._context, namespace=self._namespace
        )
        for name, message_type, *profile in self._topics:
            self._node.create_subscription(
                message_type, name, self._receiver(name), profile[0] if profile else 10
            )
        self._pump = MessagePump(self._node, context=self._context)
        self._pump.start()
        if self._callback is not None:
            self._callback(self._node, *self._callback_arguments)

    def _receiver(self, name: str) -> Callable[[Any], None]:
        """Return the callback of a topic."""

        def receive(message: Any) -> None:
            with self._changed:
                self._messages[name].append(message)
                self._changed.notify_all()

        return receive

    def shutdown(self) -> None:
        """Destroy the node; does nothing if there is none."""
        import rclpy

        if self._node is None:
            return
        self._pump.stop()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)
        self._node = None

    def topics_received(self) -> set[str]:
        """Return the topics a message has come on."""
        return {name for name, messages in self._messages.items() if messages}

    def topics_not_received(self) -> set[str]:
        """Return the topics no message has come on."""
        return {name for name, messages in self._messages.items() if not messages}

    def received_messages(self, topic_name: str) -> list[Any]:
        """Return the last messages of a topic. Raises KeyError for an unknown one."""
        return list(self._messages[topic_name])
