"""Stops one robot for a moment: cancels goals, holds zero velocity, reads odometry."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable, Mapping

from execution_orchestrator.ros.stopping.servers import MovingServers
from execution_orchestrator.ros.stopping.standstill import Motion, Odometers, Seen
from execution_orchestrator.ros.stopping.zero_velocity import ZeroVelocity

log = logging.getLogger(__name__)
PERIOD = 0.05  # seconds between two looks at the odometry


class StandStill:
    """Cancels what moves a robot and publishes zero velocity until odometry says it is at rest.

    Used on the loop's thread. ``resources`` are those of each robot, by its name.
    """

    def __init__(
        self,
        servers: MovingServers,
        velocity: ZeroVelocity,
        odometers: Odometers,
        resources: Mapping[str, Iterable[str]],
    ) -> None:
        self._servers = servers
        self._velocity = velocity
        self._odometers = odometers
        self._resources = {robot: tuple(names) for robot, names in resources.items()}
        self._numbers = itertools.count()

    async def stop(self, robot: str, reason: str, timeout: float) -> str:
        """Stop a robot and return what is known of it, after ``timeout`` seconds at most."""
        loop = asyncio.get_running_loop()
        holder = f"stop {next(self._numbers)}"
        began = loop.time()
        end = began + timeout
        self._velocity.hold(reason, by=holder, robot=robot)
        try:
            report = await self._servers.cancel_all(self._resources.get(robot, ()))
            while (seen := self._odometers.of(robot, since=began)).motion is not Motion.STANDING:
                if loop.time() >= end:
                    break
                await asyncio.sleep(PERIOD)
        finally:
            self._velocity.release(holder)
        said = "; ".join(filter(None, [_words(seen), report.words()]))
        if seen.motion is not Motion.STANDING:
            log.error("%s: %s", reason, said)
        return said


def _words(seen: Seen) -> str:
    if seen.motion is Motion.UNKNOWN:
        return f"whether the robot stands is not known: {seen.words}"
    return seen.words
