"""Goals that other clients have on the action servers this node uses, from their status topics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.qos import qos_profile_action_status_default
from rclpy.serialization import deserialize_message

from execution_orchestrator.ros.bridge import Bridge

RUNNING = frozenset(
    {GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING}
)
AT_ONCE = 0.2  # seconds between two looks at a server's status; more come with the rounds
JUST_NOW = 1.0  # seconds for which a goal that has ended still explains why another one failed
OWN_GRACE = 0.5  # seconds after our goal's end in which goals of its server may still begin


@dataclass(slots=True)
class _Server:
    """What is known of one action server."""

    name: str
    subscription: Any = None
    unread: bytes = b""
    looked: float = 0.0
    foreign: dict[bytes, float] = field(default_factory=dict)  # goals, and when they were seen
    inner: set[bytes] = field(default_factory=set)  # sent by a server that works for us
    publishers: frozenset[bytes] = frozenset()
    ended: float = -1e9


class ForeignGoals:
    """Watches the status topics of action servers. Used on the loop's thread only.

    ``ours`` says whether this node sent a goal, ``works`` whether a server works on a goal of this
    node. ``parents`` are, for each server, those that send goals to it themselves. ``changed`` is
    called when a foreign goal begins or the last one of a server ends.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        servers: Iterable[str],
        *,
        ours: Callable[[bytes], bool],
        works: Callable[[str], bool],
        parents: Mapping[str, frozenset[str]],
        changed: Callable[[], None],
    ) -> None:
        self._node = node
        self._bridge = bridge
        self._ours = ours
        self._works = works
        self._parents = parents
        self._changed = changed
        self._worked: dict[str, float] = {}
        self._servers = {name: _Server(name) for name in servers}
        for server in self._servers.values():
            server.subscription = node.create_subscription(
                GoalStatusArray,
                f"{server.name}/_action/status",
                lambda data, server=server: self._receive(server, data),
                qos_profile_action_status_default,
                raw=True,
            )

    def look(self) -> None:
        """Read what came in, and forget the goals of servers that are gone."""
        now = self._now()
        for parent in {name for names in self._parents.values() for name in names}:
            if self._works(parent):
                self._worked[parent] = now
        for server in self._servers.values():
            if server.foreign:
                self._look_for(server)
            # One that an earlier life of this node sent is adopted a moment after it is seen.
            for goal in [goal for goal in server.foreign if self._ours(goal)]:
                del server.foreign[goal]
                self._end(server)
            if server.unread:
                self._read(server)

    def active(self, names: Iterable[str]) -> str:
        """Return the first of these servers that works on somebody else's goal, or ''."""
        for name in names:
            server = self._servers.get(name)
            if server is not None and server.foreign:
                return name
        return ""

    def since(self, names: Iterable[str], when: float) -> str:
        """Return the first of these on which a foreign goal is, or has been since ``when``.

        ``when`` is in seconds of the loop's clock.
        """
        for name in names:
            server = self._servers.get(name)
            if server is not None and (server.foreign or server.ended >= when):
                return name
        return ""

    def close(self) -> None:
        """Remove the endpoints."""
        for server in self._servers.values():
            self._node.destroy_subscription(server.subscription)

    # ------------------------------------------------------------------ one server

    def _receive(self, server: _Server, data: bytes) -> None:
        # On rclpy's thread. A busy server tells of every goal it remembers at every change.
        server.unread = data
        if time.monotonic() - server.looked >= AT_ONCE:
            server.looked = time.monotonic()
            self._bridge.post(self._read, server)

    def _read(self, server: _Server) -> None:
        data, server.unread = server.unread, b""
        if not data:
            return
        server.looked = time.monotonic()
        message = deserialize_message(data, GoalStatusArray)
        running = {
            bytes(bytearray(entry.goal_info.goal_id.uuid))
            for entry in message.status_list
            if entry.status in RUNNING
        }
        unknown = {goal for goal in running if not self._ours(goal)}
        server.inner &= unknown
        for goal in unknown - server.foreign.keys() - server.inner:
            if self._serves_us(server.name):
                server.inner.add(goal)
            else:
                if not server.foreign:
                    server.publishers = self._publishers(server)
                server.foreign[goal] = self._now()
                self._changed()
        for goal in [goal for goal in server.foreign if goal not in unknown]:
            del server.foreign[goal]
            self._end(server)

    def _serves_us(self, name: str) -> bool:
        now = self._now()
        return any(
            self._works(parent) or now - self._worked.get(parent, -1e9) < OWN_GRACE
            for parent in self._parents.get(name, ())
        )

    def _look_for(self, server: _Server) -> None:
        """Forget the goals of a process that is gone: nobody will tell of their ends."""
        publishers = self._publishers(server)
        if publishers != server.publishers and not server.publishers <= publishers:
            server.foreign.clear()
            self._end(server)
        server.publishers = publishers

    def _end(self, server: _Server) -> None:
        if not server.foreign:
            server.ended = self._now()
            self._changed()

    def _publishers(self, server: _Server) -> frozenset[bytes]:
        found = self._node.get_publishers_info_by_topic(server.subscription.topic_name)
        return frozenset(bytes(bytearray(info.endpoint_gid)) for info in found)

    def _now(self) -> float:
        return self._bridge.loop.time()
