"""Nodes that servers depend on: whether they are in the graph, and their lifecycle states."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lifecycle_msgs.msg import TransitionEvent
from lifecycle_msgs.srv import GetState

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import publishers_of

ASK_PERIOD = 2.0  # seconds between two questions for a node's state while something runs
ANSWER_TIMEOUT = 1.0  # seconds
JUST_BACK = 7.0  # seconds more until a process that was gone is found by others that need it
ACTIVE = "active"
UNCONFIGURED = "unconfigured"
HINTS = {
    "inactive": "paused by somebody?",
    "deactivating": "paused by somebody?",
    UNCONFIGURED: "not started up yet?",
}


@dataclass(slots=True)
class _Managed:
    """The state of one managed node; times are Unix seconds."""

    name: str
    seen: float = 0.0  # when it was in the graph last; 0.0: never
    present: bool = False
    state: str = ""  # of its lifecycle; empty: not known, or it has none
    silent_since: float = 0.0  # 0.0: it answers
    processes: frozenset[bytes] = frozenset()  # who publishes its transitions, and how many
    count: int = 0
    client: Any = None
    subscription: Any = None
    # Seconds of the loop's clock:
    found: float = -1e9  # when it came into the graph last
    asked: float = 0.0
    transition_at: float = -1e9  # when it published its last transition
    unfit: float = -1e9  # when it could not do its part last
    absent: float = -1e9  # when it was gone or silent last
    question: Any = None


class ManagedNodes:
    """Watches nodes by their full names. Used on the loop's thread only.

    ``changed`` is called when something about one of them is different.
    """

    def __init__(self, node: Any, bridge: Bridge, changed: Callable[[], None]) -> None:
        self._node = node
        self._bridge = bridge
        self._changed = changed
        self._nodes: dict[str, _Managed] = {}

    def watch(self, names: Iterable[str]) -> None:
        """Watch these, too."""
        for name in names:
            self._nodes.setdefault(name, _Managed(name))

    def look(self, *, busy: bool) -> None:
        """Look at the graph; ask those that are there for their states."""
        if not self._nodes:
            return
        found = {
            f"{namespace.rstrip('/')}/{name}"
            for name, namespace in self._node.get_node_names_and_namespaces()
        }
        # The services may be served by a node of another name. The graph lists a client of ours
        # like a service, so the client is asked whether there is a server.
        named = {name for name, _ in self._node.get_service_names_and_types()}
        now = self._bridge.loop.time()
        for managed in self._nodes.values():
            was_there = managed.present
            if managed.name in found or f"{managed.name}/get_state" in named:
                self._attach(managed)
            serves = managed.client is not None and managed.client.service_is_ready()
            managed.present = managed.name in found or serves
            if managed.present:
                managed.seen = time.time()
                due = busy or managed.silent_since or not managed.state
                if due and now - managed.asked >= ASK_PERIOD:
                    self._ask(managed)
            elif was_there:
                managed.state = ""
                self._detach(managed)
            if (managed.seen and not managed.present) or self._is_replaced(managed):
                managed.unfit = managed.absent = now
            if was_there != managed.present:
                managed.found = now
                self._changed()

    def state_unknown(self, names: Iterable[str]) -> bool:
        """Whether one of these nodes is new, and has not reported its state yet."""
        now = self._bridge.loop.time()
        return any(
            managed.present and not managed.state and now - managed.found < ANSWER_TIMEOUT
            for managed in map(self._nodes.__getitem__, names)
        )

    def all_active(self, names: Iterable[str]) -> bool:
        """Whether each of these nodes is known to be active."""
        return all(
            managed.present and managed.state == ACTIVE and not managed.silent_since
            for managed in map(self._nodes.__getitem__, names)
        )

    async def ask(self, names: Iterable[str]) -> None:
        """Ask nodes for their states now; one that does not answer counts as silent."""
        waiting = []
        for name in names:
            managed = self._nodes.get(name)
            if managed is None or not managed.present:
                continue
            question = self._ask(managed)
            if question is not None:
                waiting.append(asyncio.ensure_future(self._answered(managed, question)))
            elif managed.state:
                self._silent(managed, time.time())
        if waiting:
            await asyncio.gather(*waiting)

    def trouble(self, names: Iterable[str]) -> tuple[str, str] | None:
        """Return the code and the reason why one of these nodes cannot do its part."""
        inactive: dict[str, str] = {}  # the first node in each state
        for name in names:
            managed = self._nodes.get(name)
            if managed is None or not managed.seen:
                continue
            short = name.rpartition("/")[2]
            if not managed.present:
                return "DEPENDENCY_GONE", f"{short} is gone since {clock(managed.seen)}"
            if managed.silent_since:
                since = clock(managed.silent_since)
                return "DEPENDENCY_GONE", f"{short} does not answer since {since}"
            if managed.state not in ("", ACTIVE):
                hint = HINTS.get(managed.state)
                words = f"{short} is {managed.state}{f': {hint}' if hint else ''}"
                inactive.setdefault(managed.state, words)
        if not inactive:
            return None
        # One that died and was started again is what the others, deactivated since, wait for.
        return "SERVER_INACTIVE", inactive.get(UNCONFIGURED) or next(iter(inactive.values()))

    def trouble_since(self, names: Iterable[str], when: float) -> tuple[str, str] | None:
        """Return code and reason for what has ended, but kept a node from its part after ``when``.

        ``when`` is in seconds of the loop's clock. A goal that reaches a server which is just being
        paused or resumed ends for that reason, although all is well when it is looked at. A
        process that came back is found by those who need it some seconds later.
        """
        for name in names:
            managed = self._nodes.get(name)
            if managed is None:
                continue
            short, ago = name.rpartition("/")[2], time.time() - self._bridge.loop.time()
            if managed.absent >= when - JUST_BACK:
                return "DEPENDENCY_GONE", f"{short} was gone until {clock(managed.absent + ago)}"
            if managed.unfit >= when:
                return "SERVER_INACTIVE", f"{short} was inactive until {clock(managed.unfit + ago)}"
        return None

    def close(self) -> None:
        """Remove the endpoints."""
        for managed in self._nodes.values():
            self._detach(managed)

    # ------------------------------------------------------------------ one node

    def _is_replaced(self, managed: _Managed) -> bool:
        """Whether another process has the name since the last look.

        One that died and was started again at once was never missing: the graph shows the dead for
        some seconds.
        """
        topic = f"{managed.name}/transition_event"
        count = self._node.count_publishers(topic)
        if count == managed.count:
            return False
        before, managed.count = managed.processes, count
        managed.processes = publishers_of(self._node, topic)
        return bool(before) and not managed.processes <= before

    def _attach(self, managed: _Managed) -> None:
        if managed.client is not None:
            return
        managed.client = self._node.create_client(GetState, f"{managed.name}/get_state")
        managed.subscription = self._node.create_subscription(
            TransitionEvent,
            f"{managed.name}/transition_event",
            lambda event: self._bridge.post(self._on_transition, managed, event.goal_state.label),
            10,
        )

    def _detach(self, managed: _Managed) -> None:
        if managed.client is not None:
            self._node.destroy_client(managed.client)
            self._node.destroy_subscription(managed.subscription)
        managed.client = managed.subscription = managed.question = None

    def _ask(self, managed: _Managed) -> Any:
        """Ask for the state; None: it has no lifecycle, or none any more."""
        if managed.client is None or not managed.client.service_is_ready():
            return None
        if managed.question is not None and not managed.question.done():
            managed.client.remove_pending_request(managed.question)
        managed.asked = self._bridge.loop.time()
        question = managed.client.call_async(GetState.Request())
        managed.question = question
        asked = managed.asked
        self._bridge.when_done(question, lambda done: self._on_state(managed, asked, done))
        return question

    async def _answered(self, managed: _Managed, question: Any) -> None:
        asked = time.time()
        try:
            await self._bridge.result(question, ANSWER_TIMEOUT)
        except TimeoutError:
            # A request that was replaced by a newer one decides nothing. A node without a state so
            # far counts as silent, too: it may have died before, which the graph shows much later.
            if managed.question is question:
                self._silent(managed, asked)

    def _silent(self, managed: _Managed, since: float) -> None:
        managed.unfit = managed.absent = self._bridge.loop.time()
        if not managed.silent_since:
            managed.silent_since = since
            self._changed()

    def _on_state(self, managed: _Managed, asked: float, future: Any) -> None:
        if future.cancelled() or future.exception() is not None or managed.client is None:
            return
        # The answer may be older than a transition that was published while it was on its way.
        label = (
            managed.state if managed.transition_at >= asked else future.result().current_state.label
        )
        self._heard(managed, label)

    def _on_transition(self, managed: _Managed, state: str) -> None:
        managed.transition_at = self._bridge.loop.time()
        self._heard(managed, state)

    def _heard(self, managed: _Managed, state: str) -> None:
        before = (managed.state, managed.silent_since)
        if state != ACTIVE or managed.silent_since or managed.state not in ("", ACTIVE):
            managed.unfit = self._bridge.loop.time()
        if managed.silent_since:
            managed.absent = self._bridge.loop.time()  # until now, however long ago it fell silent
        managed.state, managed.silent_since = state, 0.0
        if before != (state, 0.0):
            self._changed()


def clock(when: float) -> str:
    """Time of day of Unix seconds, as people read it."""
    return time.strftime("%H:%M:%S", time.localtime(when))
