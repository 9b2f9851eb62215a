"""Goals that other clients have on the action servers this node uses, from their status topics."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.qos import QoSProfile, qos_profile_action_status_default
from rclpy.serialization import deserialize_message

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import publishers_of

RUNNING = frozenset(
    {GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING}
)
AT_ONCE = 0.2  # seconds between two looks at a server's status; more come with the rounds
JUST_NOW = 1.0  # seconds for which a goal that has ended still explains why another one failed
UNREAD = 10  # messages
OWN_GRACE = 0.5  # seconds after our goal's end in which goals of its server may still begin
INNER_END = 1.5  # seconds after our goal's end by which those of its server have ended as well
NEXT_OF_LEFT = 1.5  # seconds after a left goal's end in which who sent it may send the next one
SIDE_BY_SIDE = 0.3  # seconds; statuses of two servers come in any order
SOON = 0.01  # seconds
REPUBLISHED = 1.0  # seconds until a new subscription has the last status of all living servers
LISTENING = 1.0  # seconds in which a server that was just found says what it was at before
ADOPTING = 10.0  # seconds after the start in which goals of an earlier process are found again


@dataclass(slots=True)
class _Server:
    """What is known of one action server."""

    name: str
    subscription: Any = None
    qos: Any = None
    unread: deque[bytes] = field(default_factory=lambda: deque(maxlen=1))  # the oldest first
    looked: float = 0.0
    foreign: dict[bytes, float] = field(default_factory=dict)  # goals, and when they were seen
    inner: dict[bytes, float] = field(default_factory=dict)  # sent by a server that works for us
    left: set[bytes] = field(default_factory=set)  # foreign ones that began as inner ones
    ended_left: bool = False  # whether the last foreign goal that ended was one of those
    pursued: set[bytes] = field(default_factory=set)  # those reported as outliving our goal
    left_ended: float = -1e9  # when the last one of these ended
    died_at_work: bool = False  # its process died with inner goals, and who sent them waits
    publishers: frozenset[bytes] = frozenset()
    doubted: float | None = None  # since when it may all be of a process that is gone
    ended: float = -1e9
    found: float | None = None  # when the graph showed it, None: it is not there
    count: int = 0  # of those who publish its status, and which of them the graph has shown
    known: frozenset[bytes] = frozenset()


class ForeignGoals:
    """Watches the status topics of action servers. Used on the loop's thread only.

    ``ours`` says whether this node sent a goal, ``works`` whether a server works on a goal of this
    node. ``parents`` are, for each server, those that send goals to it themselves. ``changed`` is
    called when a foreign goal begins or the last one of a server ends. ``lives`` says whether a
    process of these endpoints runs, None if that is not known: the graph shows the dead for long.

    A goal that a server sent for us and another client's look alike on a status topic. A server
    that works for us sends one goal after the other: what begins beside its goal, on a server
    ``in_turn`` or (for a moment and longer) on another one of its servers, is somebody else's, and
    so is what outlives its work.

    Two cases are not recognised as another client's: a goal on a server that gets a new goal before
    its last one ends (a controller's path) while its parent works for us, and a goal that begins
    within ``OWN_GRACE`` of the end of that work. The stamps of acceptance are from other machines'
    clocks, and the topic's publisher is the server, not the client.
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
        in_turn: Iterable[str] = (),
        changed: Callable[[], None],
        lives: Callable[[Iterable[bytes]], bool | None] = lambda _: None,
    ) -> None:
        self._node = node
        self._bridge = bridge
        self._lives = lives
        self._ours = ours
        self._works = works
        self._parents = parents
        self._senders = frozenset().union(*parents.values())
        self._in_turn = frozenset(in_turn)
        self._changed = changed
        self._began = self._now()
        self._worked: dict[str, float] = {}  # parents, and when they worked for us last
        self._works_since: dict[str, float] = {}  # those that do now, and since when
        self._servers = {name: _Server(name) for name in servers}
        for server in self._servers.values():
            qos = qos_profile_action_status_default
            if server.name in self._in_turn and parents.get(server.name):
                # Which goal overtook which shows for some milliseconds only.
                server.unread = deque(maxlen=UNREAD)
                qos = QoSProfile(
                    depth=UNREAD, reliability=qos.reliability, durability=qos.durability
                )
            server.qos = qos
            self._subscribe(server)

    def look(self) -> None:
        """Read what came in, and forget the goals of servers that are gone."""
        now = self._now()
        self._note_who_works(now)
        for server in self._servers.values():
            if server.foreign or server.inner:
                self._look_for(server)
            server.died_at_work = server.died_at_work and self._works_for_us(server.name)
            # One that an earlier process sent is adopted a moment after it is seen.
            for goal in [goal for goal in server.foreign if self._ours(goal)]:
                del server.foreign[goal]
                self._changed()
            if server.foreign and now - self._began < ADOPTING:
                self._adopt(server)
            if server.unread:
                self._read(server)
        for server in self._servers.values():
            over = server.inner and not self._serves_us(server.name, INNER_END)
            if over or (server.inner and self._beside(server, now)):
                if over:
                    server.left.update(server.inner)
                server.foreign.update(server.inner)
                server.inner.clear()
                self._changed()

    def _note_who_works(self, now: float) -> None:
        for parent in {name for names in self._parents.values() for name in names}:
            if self._works(parent):
                self._worked[parent] = now
                self._works_since.setdefault(parent, now)
            else:
                self._works_since.pop(parent, None)

    def _adopt(self, server: _Server) -> None:
        """Take goals for those of a server whose work for us was found again after they were."""
        since = [
            self._works_since[parent]
            for parent in self._parents.get(server.name, ())
            if parent in self._works_since
        ]
        older = {
            goal: seen for goal, seen in server.foreign.items() if seen < max(since, default=0)
        }
        if older:
            server.inner.update(older)
            for goal in older:
                del server.foreign[goal]
            self._changed()

    def find(self) -> tuple[set[str], set[str]]:
        """Look in the graph, and return which servers came and which went since the last look.

        One in whose place another process came has done both, also while the graph shows the dead.
        """
        came, gone = set(), set()
        for server in self._servers.values():
            count = self._count(server)
            if count == server.count:
                continue
            before, was_there = server.known, server.found is not None
            server.count = count
            server.known = publishers_of(self._node, server.subscription.topic_name)
            if count and server.known <= before:
                continue
            if was_there:
                gone.add(server.name)
            server.found = self._now() if count else None
            if count:
                came.add(server.name)
        return came, gone

    def stirs(self, names: Iterable[str]) -> bool:
        """Whether processes came or went behind one of these names since the last `find`."""
        servers = (self._servers.get(name) for name in names)
        return any(one is not None and self._count(one) != one.count for one in servers)

    def _count(self, server: _Server) -> int:
        return int(self._node.count_publishers(server.subscription.topic_name))

    def is_found(self, name: str) -> bool:
        """Whether the graph shows this server; true for one that is not watched."""
        server = self._servers.get(name)
        return server is None or server.found is not None

    def just_found(self, names: Iterable[str]) -> bool:
        """Whether one of these servers was found so lately that its status may be on its way.

        A status topic keeps its last message for whoever subscribes, but that arrives later than
        the server is seen in the graph.
        """
        since = self._now() - LISTENING
        found = [server.found for name in names if (server := self._servers.get(name))]
        return any(when is not None and when > since for when in found)

    def active(self, names: Iterable[str]) -> str:
        """Return the first of these servers that works on another client's goal, or ''."""
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

    def outlives(self, names: Iterable[str], *, grace: float = 0.0) -> str:
        """Return the first of these servers with a goal of a parent that no longer works for us.

        A goal that begins just after the parent's end counts, too: Nav2's waypoint_follower,
        aborted when it is deactivated, continues with its waypoints until it has tried each. A
        parent that works for us on another goal does not count, nor a goal that began later than
        ``grace`` seconds after ours had ended: that may be another client's.
        """
        for name in names:
            server = self._servers.get(name)
            if server is None or not server.inner or self._works_for_us(name):
                continue
            worked = max(self._worked.get(one, -1e9) for one in self._parents.get(name, ()))
            if min(server.inner.values()) <= max(worked + grace, server.left_ended + NEXT_OF_LEFT):
                server.pursued.update(server.inner)
                return name
        return ""

    def died_below(self, above: str) -> str:
        """Return a server that sends goals itself and died while it worked for ``above``, or ''.

        Nav2's waypoint follower waits for ever for the end of a drive whose navigator is dead, and
        the controller follows its path. A server that others need for no longer than a moment, as a
        controller, is missed by those at once.
        """
        return next(
            (
                server.name
                for server in self._servers.values()
                if server.died_at_work and above in self._parents.get(server.name, ())
            ),
            "",
        )

    def left_by(self, name: str) -> str:
        """Return the parent that sent this server's newest goal and ended without it; '': none.

        The goal began while the parent worked for us, or a moment after: a parent gives up a goal
        that a busy server accepts late, and the goal runs on. It may also be another client's.
        """
        server = self._servers.get(name)
        if server is None:
            return ""
        working = server.foreign or server.inner
        left = server.foreign.keys() <= server.left if working else server.ended_left
        parents = sorted(self._parents.get(name, ())) if left else ()
        return max(parents, key=lambda one: self._worked.get(one, -1e9), default="")

    def close(self) -> None:
        """Remove the endpoints; who looks later, at a goal's end, sees nothing."""
        for server in self._servers.values():
            self._node.destroy_subscription(server.subscription)
        self._servers.clear()

    # ------------------------------------------------------------------ one server

    def _subscribe(self, server: _Server) -> None:
        server.subscription = self._node.create_subscription(
            GoalStatusArray,
            f"{server.name}/_action/status",
            lambda data: self._receive(server, data),
            server.qos,
            raw=True,
        )

    def _receive(self, server: _Server, data: bytes) -> None:
        # On rclpy's thread. A busy server tells of every goal it remembers at every change.
        server.unread.append(data)
        if time.monotonic() - server.looked >= AT_ONCE:
            server.looked = time.monotonic()
            self._bridge.post(self._read, server)

    def _read(self, server: _Server) -> None:
        if not server.unread:
            return
        server.looked = time.monotonic()
        # First: a goal that is seen before its server's work would be taken for an adopted one.
        self._note_who_works(self._now())
        while server.unread:
            self._take(server, deserialize_message(server.unread.popleft(), GoalStatusArray))

    def _take(self, server: _Server, message: Any) -> None:
        server.doubted = None
        statuses = {
            bytes(bytearray(entry.goal_info.goal_id.uuid)): entry.status
            for entry in message.status_list
        }
        running = {goal for goal, status in statuses.items() if status in RUNNING}
        unknown = {goal for goal in running if not self._ours(goal)}
        # A server that is slow to tell says in one breath that one goal began and ended the other.
        overtaken = any(statuses.get(goal) == GoalStatus.STATUS_ABORTED for goal in server.inner)
        for goal in server.inner.keys() - unknown:
            del server.inner[goal]
        if server.pursued - unknown:
            server.pursued &= unknown
            server.left_ended = self._now()
        for goal in unknown - server.foreign.keys() - server.inner.keys():
            if not server.foreign and not server.inner:
                server.publishers = self._living(server)
            overtakes = (server.inner or overtaken) and server.name in self._in_turn
            if self._serves_us(server.name) and not overtakes:
                server.inner[goal] = self._now()
                # If it then runs together with another one, it is another client's.
                self._bridge.loop.call_later(SIDE_BY_SIDE + SOON, self._changed)
            else:
                server.foreign[goal] = self._now()
                self._changed()
        for goal in [goal for goal in server.foreign if goal not in unknown]:
            del server.foreign[goal]
            server.ended_left = goal in server.left
            server.left.discard(goal)
            self._end(server)

    def _works_for_us(self, name: str) -> bool:
        return any(self._works(parent) for parent in self._parents.get(name, ()))

    def _serves_us(self, name: str, grace: float = OWN_GRACE) -> bool:
        """Whether a goal of this server seems to work for one of ours, which may be over.

        The drive of a dead docking server continues: the controller follows one path after another.
        """
        now = self._now()
        server = self._servers.get(name)
        longer = grace if grace > OWN_GRACE else 0.0
        if server is not None and now - server.left_ended < NEXT_OF_LEFT + longer:
            return True
        return self._works_for_us(name) or any(
            now - self._worked.get(parent, -1e9) < grace or self._goes_on(parent)
            for parent in self._parents.get(name, ())
        )

    def _goes_on(self, name: str) -> bool:
        server = self._servers.get(name)
        if server is None:
            return False
        began_for_us = server.foreign.keys() <= server.left
        return began_for_us and bool(server.foreign or server.inner)

    def _beside(self, server: _Server, now: float) -> bool:
        """Whether its goal began, and runs, while another server works for the same parent."""
        began = min(server.inner.values())
        if now - began < SIDE_BY_SIDE:
            return False
        parents = self._parents.get(server.name)
        return any(
            other is not server
            and other.inner
            and min(other.inner.values()) < began
            and self._parents.get(other.name) == parents
            for other in self._servers.values()
        )

    def _look_for(self, server: _Server) -> None:
        """Forget the goals of a process that is gone: their ends will not be published.

        If another process has the name by now, they may be that one's: the latched topic gives a
        new subscription the last status of each living process. The same holds for goals with an
        unknown publisher: its process had died when the status was read, or the graph shows its
        death a moment later.
        """
        now, publishers = self._now(), self._living(server)
        unknown = not server.publishers
        if server.inner and server.publishers.isdisjoint(publishers) and not unknown:
            server.died_at_work = server.name in self._senders
        if publishers and (unknown or not server.publishers <= publishers):
            self._node.destroy_subscription(server.subscription)
            self._subscribe(server)
            server.doubted = now
        elif unknown and server.doubted is None:
            server.doubted = now
        silent = server.doubted is not None and now - server.doubted >= REPUBLISHED
        if silent or (server.publishers and not publishers):
            server.doubted = None
            server.inner.clear()
            server.left.clear()
            if server.foreign:
                server.foreign.clear()
                self._end(server)
        server.publishers = publishers

    def _living(self, server: _Server) -> frozenset[bytes]:
        """GUIDs of a server's status publishers, without those of which the process has died."""
        seen = publishers_of(self._node, server.subscription.topic_name)
        return frozenset(one for one in seen if self._lives([one]) is not False)

    def _end(self, server: _Server) -> None:
        if not server.foreign:
            server.ended = self._now()
            self._changed()

    def _now(self) -> float:
        return self._bridge.loop.time()
