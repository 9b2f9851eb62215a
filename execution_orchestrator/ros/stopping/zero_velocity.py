"""Zero velocity, held on every topic that makes the base move, until the reset."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.ros.messages.installed import InterfaceNotFoundError, interface_class

log = logging.getLogger(__name__)
PERIOD = 0.04  # seconds; a velocity smoother publishes every 0.05 s
LOCK = "std_msgs/msg/Bool"
STAMPED = "geometry_msgs/msg/TwistStamped"
VELOCITIES = ("geometry_msgs/msg/Twist", STAMPED)


class ZeroVelocity:
    """Publishes zero velocity, or `true` on a topic that locks the base, in a thread of its own.

    ``topics`` are those of each robot, by its name. A topic gets the type that its subscribers
    have; without subscribers nothing is published. `look` has to be called now and then: it makes
    the publishers early, because the messages of a new one do not reach its subscribers yet.
    """

    def __init__(self, node: Any, topics: Mapping[str, Iterable[str]]) -> None:
        self._node = node
        self._topics = {robot: tuple(dict.fromkeys(names)) for robot, names in topics.items()}
        self._publishers: dict[tuple[str, str], Any] = {}
        self._logged: set[tuple[str, str]] = set()
        self._holders: dict[str, frozenset[str]] = {}  # the topics that each of them holds
        self._lock = threading.Lock()
        self._held = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Make the publishers for what the graph shows."""
        with self._lock:
            for topic in {name for names in self._topics.values() for name in names}:
                full = self._node.resolve_topic_name(topic)
                found = self._node.get_subscriptions_info_by_topic(full)
                for kind in {info.topic_type for info in found}:
                    self._publish_on(topic, kind)

    def hold(self, reason: str, *, by: str, robot: str | None = None) -> None:
        """Publish on the topics of a robot (None: of all) until `release`.

        Several callers may hold at once, each under a name of its own (``by``).
        """
        self.look()
        held = frozenset(
            topic
            for name, topics in self._topics.items()
            if robot is None or name == robot
            for topic in topics
        )
        if not held or by in self._holders:
            return
        log.warning("zero velocity is held on %s: %s", ", ".join(sorted(held)), reason)
        with self._lock:
            self._holders[by] = held
        self._held.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="zero velocity", daemon=True)
            self._thread.start()

    def release(self, by: str) -> None:
        """Release it, and unlock what no other stop holds."""
        with self._lock:
            held = self._holders.pop(by, frozenset())
            free = held - self._all_held()
            if not self._holders:
                self._held.clear()
        self._publish(free, locked=False)

    def close(self) -> None:
        """End the thread; a lock stays locked."""
        self._over.set()
        self._held.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._over.is_set():
            self._held.wait()
            try:
                with self._lock:
                    held = self._all_held()
                self._publish(held, locked=True)
            except Exception:
                log.exception("zero velocity could not be published; it is tried again")
            self._over.wait(PERIOD)

    def _all_held(self) -> frozenset[str]:
        return frozenset().union(*self._holders.values())

    def _publish(self, topics: frozenset[str], *, locked: bool) -> None:
        with self._lock:
            # `hold` or `release` may have been called since the topics were looked up.
            held = self._all_held()
            wanted = topics & held if locked else topics - held
            if self._over.is_set():
                return
            for (topic, kind), publisher in self._publishers.items():
                if topic not in wanted or (kind != LOCK and not locked):
                    continue
                message = interface_class(kind)()
                if kind == LOCK:
                    message.data = locked
                elif kind == STAMPED:
                    message.header.stamp = self._node.get_clock().now().to_msg()
                publisher.publish(message)

    def _publish_on(self, topic: str, kind: str) -> None:
        if (topic, kind) in self._logged:
            return
        self._logged.add((topic, kind))
        if kind not in (*VELOCITIES, LOCK):
            log.error(
                "no zero velocity on %s: it has the type %s; held are Twist, TwistStamped and Bool",
                topic,
                kind,
            )
            return
        try:
            message_type = interface_class(kind)
        except InterfaceNotFoundError as failure:
            log.error("no zero velocity on %s: %s", topic, failure)
            return
        self._publishers[topic, kind] = self._node.create_publisher(message_type, topic, 10)
