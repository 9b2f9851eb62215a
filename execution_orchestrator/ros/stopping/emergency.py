"""The emergency stop: everything at once, and then what is true of the robot."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine.events import RobotSeenAtStop
from execution_orchestrator.ros.stopping.servers import CancelReport, MovingServers
from execution_orchestrator.ros.stopping.standstill import Motion, Odometers, Seen
from execution_orchestrator.ros.stopping.zero_velocity import ZeroVelocity
from execution_orchestrator.storage.journal import StorageError

log = logging.getLogger(__name__)
PERIOD = 0.05  # seconds between two looks at the odometry
PATIENCE = 2.0  # seconds the robot may need to stand
#: Seconds after its start in which a node may not know all of the graph: discovery repeats every
#: three seconds what was lost, and not to be found yet is not to be absent.
ACQUAINTED = 4.0
STOPPING = "stopping"
HOLDER = "emergency stop"


@dataclass(frozen=True, slots=True)
class StopVerdict:
    """What became of a stop: ``moves``: the robot is seen moving; ``words`` say all of it."""

    moves: bool
    goals: int
    words: str


class RobotStop:
    """Stops the robot, keeps it so until the release, and says what odometry shows.

    Used on the loop's thread. ``note`` journals observations, ``look_at_alerts`` is called when
    odometry shows that the robot moves although it was stopped, or that it has come to rest.
    """

    def __init__(
        self,
        servers: MovingServers,
        velocity: ZeroVelocity,
        odometers: Odometers,
        *,
        loop: asyncio.AbstractEventLoop,
        note: Callable[[list[RobotSeenAtStop]], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._servers = servers
        self._velocity = velocity
        self._odometers = odometers
        self._loop = loop
        self._note = note
        self._now = now
        self._acquainted = loop.time() + ACQUAINTED
        self._began = 0.0
        self._motion = ""
        self._seen = Seen(Motion.UNKNOWN)
        self._known = asyncio.Event()
        self._report = CancelReport()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cancelling: asyncio.Task[None] | None = None
        self._text = ""
        self._engaged = False

    @property
    def speed(self) -> float:
        """Speed (m/s) of a robot that should be at rest by now; 0.0: none moves."""
        return round(max(self._seen.speed, 0.01), 2) if self._motion == Motion.MOVING else 0.0

    def engage(self, reason: str) -> None:
        """Stop everything; while it is engaged, cancel everything once more."""
        self._velocity.hold(reason, by=HOLDER)
        self._report = CancelReport()
        self._servers.hold(self._report)
        self._cancelling = self._start(self._cancel())
        if not self._engaged:
            self._engaged = True
            self._began = self._loop.time()
            self._motion = ""
            self._known.clear()
            self._start(self._watch())

    def release(self) -> None:
        """Let the robot move again."""
        self._engaged = False
        self._motion = ""
        for task in list(self._tasks):
            task.cancel()
        self._servers.release()
        self._velocity.release(HOLDER)

    async def verdict(self) -> StopVerdict:
        """Wait until it is known whether the robot is at rest.

        That takes little more than 2 s at most, 5 s of a node that has just been started.
        """
        patience = max(PATIENCE, self._acquainted - self._loop.time()) + 1.0
        try:
            await asyncio.wait_for(self._known.wait(), patience)
        except TimeoutError:
            log.error("nothing became known of the robot after the emergency stop")
        if self._cancelling is not None:
            await asyncio.wait({self._cancelling}, timeout=PATIENCE)
        moves = self._motion == Motion.MOVING
        words = [self._seen.words if moves else self._text, self._report.words()]
        return StopVerdict(
            moves=moves,
            goals=len(self._report.goals),
            words="; ".join(part for part in words if part),
        )

    def close(self) -> None:
        """End the work; zero velocity is held no more by this process."""
        for task in list(self._tasks):
            task.cancel()
        self._velocity.close()

    # ------------------------------------------------------------------ what happens

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _cancel(self) -> None:
        report = await self._servers.cancel_all(report=self._report)
        if report.words():
            log.error("emergency stop: %s", report.words())

    async def _watch(self) -> None:
        self._tell(STOPPING, Seen(Motion.SETTLING))
        while True:
            await asyncio.sleep(PERIOD)
            seen = self._odometers.all(since=self._began)
            now = self._loop.time()
            late = now >= max(self._began + PATIENCE, self._acquainted)
            if seen.motion is Motion.STANDING:
                self._tell(Motion.STANDING, seen)
            elif seen.motion is Motion.UNKNOWN:
                # Odometry that was never there does not come in these two seconds.
                if now >= max(self._began + PATIENCE / 2, self._acquainted):
                    self._tell(Motion.UNKNOWN, seen)
            elif seen.motion is Motion.MOVING and (late or self._motion == Motion.STANDING):
                self._tell(Motion.MOVING, seen)
                self._seen = seen

    def _tell(self, motion: str, seen: Seen) -> None:
        if motion == self._motion:
            return
        self._motion, self._seen = motion, seen
        self._text = self._words()
        event = RobotSeenAtStop(
            time=self._now(),
            motion=motion,
            speed=round(seen.speed, 3),
            after=round(self._loop.time() - self._began, 2),
            reason=self._text,
        )
        try:
            self._note([event])
        except StorageError as failure:
            log.error("what is seen of the robot cannot be journalled: %s", failure)
        if motion != STOPPING:
            self._known.set()

    def _words(self) -> str:
        after = self._loop.time() - self._began
        if self._motion == STOPPING:
            return "the robot is being stopped"
        if self._motion == Motion.STANDING:
            return f"{self._seen.words} ({after:.1f} s after the stop)"
        if self._motion == Motion.MOVING:
            return self._seen.words
        return f"whether the robot stands is not known: {self._seen.words}"
