"""Goals that wait until the base has come to rest: after driving, before reaching."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.plan.capability import CapabilitySpec, ResourceSpec, RobotModel
from execution_orchestrator.ros.stopping.standstill import Motion

PERIOD = 0.05  # seconds between two looks at the odometry
PATIENCE = 1.5  # seconds besides `settling_time`; a robot that sways on is not waited for
ROLLING = (Motion.MOVING, Motion.SETTLING)
# Capabilities of the goals that run on a robot.
Running = Callable[[str], Iterable[str]]


class Rest:
    """Holds goals back, by odometry; without any, nothing is held back. Used on the loop's thread.

    What settles after it moved, for whom and in what time, is said by the resources
    (`settling_time`, `settles_for`). A robot that drives on purpose meanwhile is not waited for.
    """

    def __init__(
        self, model: RobotModel, motion_of: Callable[[str], Motion], running: Running
    ) -> None:
        self._motion_of = motion_of
        self._running = running
        settling = [spec for spec in model.resources.values() if spec.settling_time]
        self._limits = {
            name: limit
            for name, spec in model.capabilities.items()
            if (limit := _limit(spec, settling, model))
        }
        self._moving = {
            name
            for name, spec in model.capabilities.items()
            if any(_holds(spec, resource) for resource in settling)
        }
        self._waiting: dict[str, asyncio.Task[None]] = {}

    @property
    def active(self) -> int:
        """How many goals wait."""
        return len(self._waiting)

    def delays(self, effect: Dispatch) -> bool:
        """Say whether a goal has to wait now."""
        return effect.capability in self._limits and self._rolls(effect.robot)

    def wait(
        self, effect: Dispatch, send: Callable[[], None], cancelled: Callable[[], None]
    ) -> None:
        """Call ``send`` when the base rests, or ``cancelled`` if the goal is cancelled before."""
        limit = self._limits[effect.capability]
        self.wait_until(lambda: not self._rolls(effect.robot), limit, effect, send, cancelled)

    def wait_until(
        self,
        ready: Callable[[], bool],
        limit: float,
        effect: Dispatch,
        send: Callable[[], None],
        cancelled: Callable[[], None],
    ) -> None:
        """Do the same when ``ready`` says so, after ``limit`` seconds at the latest."""
        task = asyncio.get_running_loop().create_task(
            _wait(ready, limit), name=f"wait before {effect.key}"
        )
        self._waiting[effect.goal_id] = task

        def ended(done: asyncio.Task[None]) -> None:
            # A goal that is left to the next process has no caller any more.
            if self._waiting.pop(effect.goal_id, None) is not None:
                (cancelled if done.cancelled() else send)()

        task.add_done_callback(ended)

    def cancel(self, goal_id: str) -> bool:
        """Cancel a goal that waits; False when none of that name does."""
        task = self._waiting.get(goal_id)
        return task is not None and task.cancel()

    def abandon(self) -> None:
        """Stop waiting; the next process takes it up again."""
        waiting, self._waiting = self._waiting, {}
        for task in waiting.values():
            task.cancel()

    async def stop(self) -> None:
        """Cancel what waits."""
        waiting = list(self._waiting.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _rolls(self, robot: str) -> bool:
        on_purpose = not self._moving.isdisjoint(self._running(robot))
        return not on_purpose and self._motion_of(robot) in ROLLING


async def _wait(ready: Callable[[], bool], limit: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + limit
    while loop.time() < end:
        await asyncio.sleep(PERIOD)
        if ready():
            return


def _limit(spec: CapabilitySpec, settling: list[ResourceSpec], model: RobotModel) -> float:
    """Return the seconds a capability waits at most for what settles for it; 0.0: for nothing."""
    names = {demand.resource for demand in spec.resources}
    names |= {model.resources[name].type for name in names if name in model.resources}
    times = [one.settling_time + PATIENCE for one in settling if names & set(one.settles_for)]
    return max(times, default=0.0)


def _holds(spec: CapabilitySpec, resource: ResourceSpec) -> bool:
    own = resource.name.rpartition("/")[2]
    return any(demand.resource in (own, resource.name) for demand in spec.resources)
