"""Two living servers of one action name: each executes every goal, and knows of no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from execution_orchestrator.ros.endpoints import UNNAMED, guid, services_of

log = logging.getLogger(__name__)
# Seconds that an old server has to leave, once its successor is there.
LEAVES = 2.0
# Seconds after which the graph has forgotten every server that had died when another one came: the
# longest lease as the vendors ship it takes twenty.
LINGERS = 22.0
# Seconds after this node's start, in which only living participants announce themselves to it.
AT_START = 3.0
PARTICIPANT = 12  # bytes of a GUID, the same for all endpoints of a process's participant


class Twins:
    """Finds names under which several servers run. Used on the loop's thread only.

    ``lives`` says whether a process of these endpoints runs, None if that is not known: the graph
    shows dead ones for long, and a restarted server has no twin. ``now`` is the loop's time in
    seconds.
    """

    def __init__(
        self,
        node: Any,
        servers: Iterable[str],
        *,
        lives: Callable[[Iterable[bytes]], bool | None],
        now: Callable[[], float],
    ) -> None:
        self._node = node
        self._lives = lives
        self._now = now
        self._began = now()
        self._topics = {name: node.resolve_topic_name(f"{name}/_action/status") for name in servers}
        self._seen: dict[str, dict[bytes, float]] = {}  # publishers, and since when each is there
        self._reported: dict[str, str] = {}

    def look(self) -> None:
        """Look at the graph; what is new is logged."""
        for name in self._topics:
            self.look_at(name)

    def look_at(self, name: str) -> bool:
        """Look at one name; whether it may soon turn out that several servers of it live."""
        topic = self._topics.get(name)
        if topic is None:
            return False
        seen = self._seen.setdefault(name, {})
        count = self._node.count_publishers(topic)
        if count < 2 and count == len(seen):
            return False
        now = self._now()
        found = {guid(info): info for info in self._node.get_publishers_info_by_topic(topic)}
        self._seen[name] = seen = {one: seen.get(one, now) for one in found}
        # Asked as early as can be: of one that has died before, its process is not found any more.
        alive = {one: self._lives([one]) for one in seen}
        living = self._serving(name, [one for one in seen if alive[one] is not False])
        if len(living) < 2:
            if self._reported.pop(name, ""):
                log.info("one server of %s is left", name)
            return False
        since = sorted(seen[one] for one in living)[1]  # the second one is beside the first
        run = sum(alive[one] is True for one in living)
        certain = run > 1 or since - self._began < AT_START
        beside = now - since
        if beside >= (LEAVES if certain else LINGERS):
            self._tell(name, [_full(found[one]) for one in living])
            return False
        return certain and name not in self._reported

    def of(self, names: Iterable[str]) -> str:
        """Say what is wrong with the first of these names that several servers have, or ''."""
        return next((self._reported[name] for name in names if name in self._reported), "")

    @property
    def found(self) -> list[str]:
        """A sentence for each name that several servers have."""
        return [self._reported[name] for name in sorted(self._reported)]

    def _serving(self, name: str, publishers: list[bytes]) -> list[bytes]:
        """Leave out who publishes the status and takes no goals, as the player of a recording."""
        if len(publishers) < 2:
            return publishers
        service = self._node.resolve_service_name(f"{name}/_action/send_goal")
        takers = {one[:PARTICIPANT] for one in services_of(self._node, service)}
        return [one for one in publishers if not takers or one[:PARTICIPANT] in takers]

    def _tell(self, name: str, nodes: list[str]) -> None:
        count = "two" if len(nodes) == 2 else str(len(nodes))
        names = sorted(set(nodes))
        where = f"nodes named {names[0]}" if len(names) == 1 else f"the nodes {' and '.join(names)}"
        message = (
            f"{count} servers of {name} run, in {where}: each of them does what is asked; end all "
            "but one"
        )
        if self._reported.get(name) != message:
            log.warning("%s", message)
        self._reported[name] = message


def _full(info: Any) -> str:
    if UNNAMED in info.node_name:
        return "(unknown)"
    return f"{info.node_namespace.rstrip('/')}/{info.node_name}"
