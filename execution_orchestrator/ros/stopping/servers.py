"""Finds, watches and cancels every action server that can move the robot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from action_msgs.srv import CancelGoal
from rclpy.action import get_action_names_and_types
from rclpy.qos import qos_profile_action_status_default
from rclpy.serialization import deserialize_message

from execution_orchestrator.capabilities.stopping import matches
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import publishers_of

log = logging.getLogger(__name__)
AT_WORK = frozenset({GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING})
NOT_OVER = AT_WORK | {GoalStatus.STATUS_CANCELING}
MAX_SERVERS = 200
ANSWER_TIMEOUT = 1.0  # seconds for a server to answer a cancel
READY_TIMEOUT = 0.5  # seconds for the services of a server that is in the graph
READY_PERIOD = 0.02  # seconds
AGAIN = 0.1  # seconds between two cancels of one server
LOOK_PERIOD = 1.0  # seconds between two looks at the graph
HELD_PERIOD = 0.2  # the same while everything is stopped
MOST_GOALS = 1000  # of one report


@dataclass(slots=True)
class CancelReport:
    """The goals that were asked to cancel, and what the servers said to it."""

    goals: set[bytes] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)

    def add(self, goals: set[bytes]) -> None:
        """Note goals that were asked to cancel, up to a thousand."""
        if len(self.goals) < MOST_GOALS:
            self.goals |= goals

    def words(self) -> str:
        """Return what went wrong as parts of a sentence, empty if nothing did."""
        parts = []
        if self.refused:
            parts.append(f"{', '.join(sorted(self.refused))} refused to cancel")
        if self.unanswered:
            parts.append(f"{', '.join(sorted(self.unanswered))} did not answer the cancel")
        return "; ".join(parts)


class Line:
    """The endpoints to one action server."""

    def __init__(self, node: Any, name: str, on_status: Callable[[Line, bytes], None]) -> None:
        self.name = name
        self.status = b""
        self.sent = 0.0
        self._node = node
        self._on_status = on_status
        self._publishers: frozenset[bytes] = frozenset()
        self._heard = False  # something, since the last look at who publishes
        self.client = node.create_client(CancelGoal, f"{name}/_action/cancel_goal")
        self._subscription = self._subscribe()

    def _subscribe(self) -> Any:
        return self._node.create_subscription(
            GoalStatusArray,
            f"{self.name}/_action/status",
            self._hear,
            qos_profile_action_status_default,
            raw=True,
        )

    def _hear(self, data: bytes) -> None:
        self._heard = True
        self._on_status(self, data)

    def note_publishers(self) -> None:
        """Note who may have said what was heard since the last look."""
        if self._heard:
            self.forget_the_dead()

    def forget_the_dead(self) -> None:
        """Forget the status of servers that are gone, also if another process has the name by now.

        The topic is latched: a new subscription gets the last status of every living server.
        """
        self._heard = False
        publishers = publishers_of(self._node, self._subscription.topic_name)
        if self.status and (not publishers or self._publishers - publishers):
            self.status = b""
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._subscribe()
        self._publishers = publishers

    def goals(self, among: frozenset[int]) -> set[bytes]:
        """Return the goals in one of these states, by the server's newest status message."""
        data = self.status
        if not data:
            return set()
        return {
            bytes(bytearray(entry.goal_info.goal_id.uuid))
            for entry in deserialize_message(data, GoalStatusArray).status_list
            if entry.status in among
        }

    def close(self) -> None:
        """Remove the endpoints."""
        self._node.destroy_client(self.client)
        self._node.destroy_subscription(self._subscription)


class MovingServers:
    """Cancels all goals of what moves. Used on the loop's thread.

    ``patterns`` are the names of the servers of each resource (`servers_that_move`). Endpoints are
    made as soon as a server is seen, so that a cancel needs no discovery.
    """

    def __init__(self, node: Any, bridge: Bridge, patterns: Mapping[str, tuple[str, ...]]) -> None:
        self._node = node
        self._bridge = bridge
        self._patterns = dict(patterns)
        self._lines: dict[str, Line] = {}
        self._holding: CancelReport | None = None
        self._watch: asyncio.Task[None] | None = None

    def start(self, also: Callable[[], object] = lambda: None) -> None:
        """Begin to look at the graph; ``also`` is called at each look."""
        self._watch = self._bridge.loop.create_task(self._watching(also), name="moving servers")

    async def stop(self) -> None:
        """Stop the periodic check."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def hold(self, report: CancelReport) -> None:
        """Cancel every goal that starts or is found, until `release`, and note it in a report."""
        self._holding = report

    def release(self) -> None:
        """Let goals run again."""
        self._holding = None

    def moving(self, resources: Iterable[str]) -> tuple[str, ...]:
        """Return those resources that have servers below them which are there."""
        return tuple(
            name
            for name in dict.fromkeys(resources)
            if any(line.client.service_is_ready() for line in self._lines_of([name]))
        )

    def at_work(self, resources: Iterable[str] | None = None) -> dict[str, set[bytes]]:
        """Return the goals that have not ended, by server, by their newest status messages."""
        for line in self._lines.values():
            line.forget_the_dead()
        found = {line.name: line.goals(NOT_OVER) for line in self._lines_of(resources)}
        return {name: goals for name, goals in found.items() if goals}

    async def cancel_all(
        self, resources: Iterable[str] | None = None, report: CancelReport | None = None
    ) -> CancelReport:
        """Cancel all goals of these resources (None: of all), of any client.

        Return the ``report``, which is a new one if none is given.
        """
        self._look()
        lines = self._lines_of(resources)
        report = CancelReport() if report is None else report
        await asyncio.gather(*(self._cancel(line, report) for line in lines))
        return report

    def _lines_of(self, resources: Iterable[str] | None) -> list[Line]:
        chosen = self._patterns if resources is None else set(resources) & self._patterns.keys()
        return [
            line
            for line in self._lines.values()
            if any(matches(line.name, self._patterns[name]) for name in chosen)
        ]

    async def _cancel(self, line: Line, report: CancelReport) -> None:
        if not await self._is_there(line):
            return
        line.sent = self._bridge.loop.time()
        # What is known to run counts as asked, also where the answer is late.
        report.add(line.goals(NOT_OVER))
        # No id and no time: all goals (action_msgs/srv/CancelGoal).
        future = line.client.call_async(CancelGoal.Request())
        try:
            answer = await self._bridge.result(future, ANSWER_TIMEOUT)
        except TimeoutError:
            line.client.remove_pending_request(future)
            if line.goals(NOT_OVER) or not line.status:
                report.unanswered.add(line.name)
            return
        except Exception as failure:
            log.warning("%s: the cancel failed: %s", line.name, failure)
            report.unanswered.add(line.name)
            return
        report.add({bytes(bytearray(info.goal_id.uuid)) for info in answer.goals_canceling})
        if answer.return_code == CancelGoal.Response.ERROR_REJECTED:
            report.refused.add(line.name)

    async def _is_there(self, line: Line) -> bool:
        """Whether a server can be asked; one that was just found has half a second for it."""
        until = self._bridge.loop.time() + READY_TIMEOUT
        while not line.client.service_is_ready():
            found = self._node.count_publishers(f"{line.name}/_action/status")
            if not found or self._bridge.loop.time() > until:
                return False
            await asyncio.sleep(READY_PERIOD)
        return True

    def _on_status(self, line: Line, data: bytes) -> None:
        # On rclpy's thread; the message is decoded only when its content is asked for.
        line.status = data
        if self._holding is not None:
            self._bridge.post(self._cancel_newcomers, line)

    def _cancel_newcomers(self, line: Line) -> None:
        report = self._holding
        if report is None or self._bridge.loop.time() - line.sent < AGAIN:
            return
        if line.goals(AT_WORK):
            log.warning("%s: a goal runs although everything is stopped; cancelled", line.name)
            line.sent = self._bridge.loop.time()
            self._bridge.loop.create_task(self._cancel(line, report))

    async def _watching(self, also: Callable[[], object]) -> None:
        while True:
            try:
                self._look()
                also()
                if self._holding is not None:
                    for line in self._lines.values():
                        self._cancel_newcomers(line)
            except Exception:
                log.exception("looking for what moves failed; it is tried again")
            await asyncio.sleep(LOOK_PERIOD if self._holding is None else HELD_PERIOD)

    def _look(self) -> None:
        for line in self._lines.values():
            line.note_publishers()
        for name, _ in get_action_names_and_types(self._node):
            if name in self._lines or len(self._lines) >= MAX_SERVERS:
                continue
            if not any(matches(name, patterns) for patterns in self._patterns.values()):
                continue
            # Clients of an action show up in the graph, too.
            if self._node.count_publishers(f"{name}/_action/status"):
                self._lines[name] = Line(self._node, name, self._on_status)
