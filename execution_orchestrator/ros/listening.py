"""Topics that come often, on a node of their own that is read twenty times a second.

An executor of rclpy looks at all entities of its nodes for every message that comes. Transforms,
odometry and log messages come up to some hundred times a second and may be read some hundredths of
a second late: they wait in the queues of the middleware until this node takes them.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.exceptions import InvalidHandle

from execution_orchestrator.ros.spinning import destroy

PERIOD = 0.05  # seconds between two looks
MOST = 1000  # messages of one topic at one look
STOP_TIMEOUT = 5.0  # seconds for a callback that runs
log = logging.getLogger(__name__)


class Listener:
    """Subscribes on the node ``listening`` to topics as ``node`` names and remaps them.

    Callbacks are called on the thread of `reading`.
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
        any_publisher: bool = True,
    ) -> Any:
        """Subscribe as a node does.

        ``raw``: the callback is given the bytes of a message; of several that came since the last
        look only the newest. ``any_publisher``: one of which the quality of service does not fit is
        a mistake that the middleware's log tells.
        """
        return self.node.create_subscription(
            message_type,
            self.resolve_topic_name(topic),
            callback,
            quality,
            raw=raw,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=any_publisher),
        )

    def destroy_subscription(self, subscription: Any) -> None:
        """Remove a subscription."""
        self.node.destroy_subscription(subscription)


@contextlib.contextmanager
def reading(node: Any) -> Iterator[None]:
    """Hand on what comes to a node's subscriptions; nothing else of the node is served.

    Afterwards it is gone.
    """
    stopping = threading.Event()

    def read() -> None:
        while not stopping.wait(PERIOD):
            for subscription in list(node.subscriptions):
                try:
                    hand_on(subscription)
                except Exception:
                    log.exception("a message on %s was not understood", subscription.topic_name)

    thread = threading.Thread(target=read, name=f"read {node.get_name()}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_TIMEOUT)
        destroy(node)


def hand_on(subscription: Any) -> None:
    """Give a subscription's callback what waits for it; of raw messages the newest."""
    newest: Any = None
    for message in _taken(subscription):
        if subscription.raw:
            newest = message
        else:
            subscription.callback(message)
    if newest is not None:
        subscription.callback(newest)


def _taken(subscription: Any) -> Iterator[Any]:
    for _ in range(MOST):
        # One that is destroyed meanwhile has no more messages.
        with contextlib.suppress(InvalidHandle), subscription.handle:
            taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
            if taken is not None:
                yield taken[0]
                continue
        return
