"""Cancels the goals that a server which died had sent to other servers: those would run on."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any
from uuid import UUID

from execution_orchestrator.engine.events import GoalQuarantined, QuarantineEnded
from execution_orchestrator.engine.inputs import GoalLost, GoalProgress
from execution_orchestrator.ros.stopping.servers import MovingServers
from execution_orchestrator.ros.stopping.standstill import Motion, Odometers, Seen
from execution_orchestrator.storage.journal import JournalEntry

log = logging.getLogger(__name__)
PERIOD = 0.1  # seconds between two looks
AGAIN = 2.0  # seconds after which what does not end is cancelled once more
Report = Callable[[GoalLost], None]


class Aftermath:
    """Stops what a dead server left running; reports its goal as over when the robot is at rest.

    Used on the loop's thread. ``resources`` are what the capability of a goal holds on its robot;
    of those that are ``driven``, odometry says whether they move.
    """

    def __init__(
        self,
        servers: MovingServers,
        odometers: Odometers,
        loop: asyncio.AbstractEventLoop,
        driven: Collection[str],
    ) -> None:
        self._servers = servers
        self._driven = frozenset(driven)
        self._odometers = odometers
        self._loop = loop
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def server_died(
        self, goal_id: str, robot: str, resources: Iterable[str], reason: str, report: Report
    ) -> None:
        """Report a goal as lost when nothing moves any more; until then, that it may run."""
        concerned = self._servers.moving(resources)
        if not concerned:
            report(GoalLost(goal_id=goal_id, reason=reason))
        else:
            self._begin(goal_id, lambda: self._stop(goal_id, robot, concerned, reason, report))

    def server_silent(
        self, goal_id: str, robot: str, resources: Iterable[str], reason: str, report: Report
    ) -> None:
        """Report that a goal may still run, and whether the robot is at rest all the same.

        What the server had others do for it is cancelled first.
        """
        concerned = self._servers.moving(resources)
        if self._driven.issuperset(concerned) and concerned:
            self._begin(
                f"silent {goal_id}",
                lambda: self._bring_to_rest(goal_id, robot, concerned, reason, report),
            )
        else:
            report(GoalLost(goal_id=goal_id, reason=reason, may_run=True))

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Look for goals that went into quarantine, as an observer of the runtime."""
        for entry in entries:
            if isinstance(entry.event, GoalQuarantined):
                self.quarantined(entry.event)
            elif isinstance(entry.event, QuarantineEnded):
                # What it held goes to others, whose goals are none of this one's.
                task = self._tasks.get(_below(entry.event.goal_id))
                if task is not None:
                    task.cancel()

    def on_feedback(self, _: GoalProgress) -> None:
        """Take no note of feedback."""

    def quarantined(self, goal: GoalQuarantined) -> None:
        """Cancel the goals of the servers below one whose own server does not answer."""
        self.cancel_below(goal.goal_id, [lease.resource for lease in goal.leases])

    def cancel_below(self, goal_id: str, resources: Iterable[str]) -> None:
        """Cancel the goals that servers of these resources still execute for a dead server."""
        concerned = self._servers.moving(resources)
        if concerned and goal_id not in self._tasks:
            self._begin(_below(goal_id), lambda: self._cancel(concerned))

    def keep_stopped(
        self, goal_id: str, resources: Iterable[str], runs: Callable[[], bool]
    ) -> None:
        """Cancel what the servers of these resources do, now and while the goal ``runs``.

        A server that ignores its cancel may send new goals to the servers below it.
        """
        concerned = self._servers.moving(resources)
        if concerned:
            self._begin(_below(goal_id), lambda: self._keep_stopped(concerned, runs))

    def _begin(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if key not in self._tasks:
            task = self._loop.create_task(work(), name=f"aftermath {key}")
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    def close(self) -> None:
        """Stop watching; the next process takes it up again."""
        for task in list(self._tasks.values()):
            task.cancel()

    async def _cancel(self, resources: tuple[str, ...]) -> None:
        report = await self._servers.cancel_all(resources)
        goals = f"{len(report.goals)} goals of the servers below were cancelled"
        words = "; ".join(filter(None, [goals if report.goals else "", report.words()]))
        if words:
            log.warning("%s", words)

    async def _keep_stopped(self, resources: tuple[str, ...], runs: Callable[[], bool]) -> None:
        asked: dict[bytes, float] = {}
        while runs():
            now = self._loop.time()
            at_work = set().union(*self._servers.at_work(resources).values())
            if any(now - asked.get(goal, -math.inf) > AGAIN for goal in at_work):
                asked = dict.fromkeys(at_work, now)
                await self._cancel(resources)
            await asyncio.sleep(PERIOD)

    async def _bring_to_rest(
        self, goal_id: str, robot: str, resources: tuple[str, ...], reason: str, report: Report
    ) -> None:
        began = self._loop.time()
        await self._cancel(resources)
        while True:
            seen = self._odometers.of(robot, since=began)
            stands = seen.motion is Motion.STANDING
            late = self._loop.time() - began > AGAIN
            if stands or late or seen.motion is Motion.UNKNOWN:
                words = f"{reason}; {seen.words}"
                report(GoalLost(goal_id=goal_id, reason=words, may_run=True, stands=stands))
                return
            await asyncio.sleep(PERIOD)

    async def _stop(
        self, goal_id: str, robot: str, resources: tuple[str, ...], reason: str, report: Report
    ) -> None:
        reported = False
        began = self._loop.time()
        while True:
            await self._cancel(resources)
            end = self._loop.time() + AGAIN
            while self._loop.time() < end:
                seen = self._odometers.of(robot, since=began)
                words = self._over(goal_id, resources, seen)
                if words:
                    report(GoalLost(goal_id=goal_id, reason=f"{reason}; {words}"))
                    return
                # In a moment odometry shows whether the robot comes to rest.
                if not reported and seen.motion is not Motion.SETTLING:
                    reported = True
                    driven = self._driven.issuperset(resources)
                    now = seen.words if driven else "servers below it are at work"
                    report(GoalLost(goal_id=goal_id, reason=f"{reason}; {now}", may_run=True))
                await asyncio.sleep(PERIOD)

    def _over(self, goal_id: str, resources: tuple[str, ...], seen: Seen) -> str:
        """Say why nothing continues without a server; empty: something may."""
        drives = self._driven.issuperset(resources)
        if drives and seen.motion is Motion.STANDING:
            return seen.words
        # What a server that is gone said last of its own goal is true of it no more.
        own = {UUID(goal_id).bytes}
        if set().union(*self._servers.at_work(resources).values()) - own:
            return ""
        if not drives:
            return "no server below it is at work"
        if seen.motion is Motion.UNKNOWN:
            return f"whether the robot stands is not known ({seen.words}), no server is at work"
        return ""


def _below(goal_id: str) -> str:
    return f"below {goal_id}"
