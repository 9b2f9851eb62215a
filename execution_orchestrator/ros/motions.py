"""What recovery strategies move, watched until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.robot_port import (
    GoalEnd,
    GoalOutcome,
)
from execution_orchestrator.engine.effects import RunStrategy
from execution_orchestrator.engine.inputs import (
    GoalCancelled,
    GoalFailed,
    GoalLost,
    GoalSucceeded,
    Input,
)
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.robot_port import RosRobotPort
from execution_orchestrator.ros.stopping import Aftermath

LOOK_PERIOD = 0.1  # seconds between two checks for another client that moves the robot
# Robot and resources -> who else moves them now, or ''.
Taken = Callable[[str, Iterable[str]], str]


class Motions:
    """Sends the goals of strategies. Used on the loop's thread only.

    ``report`` is called for a goal that may still run, and at its end. A goal is cancelled when
    another client begins to move the same robot. Servers remember an ended goal for at least
    ``server_memory`` seconds.
    """

    def __init__(
        self,
        port: RosRobotPort,
        aftermath: Aftermath,
        report: Callable[[Input], None],
        now: Callable[[], float],
        taken: Taken,
        *,
        server_memory: float,
    ) -> None:
        self._port = port
        self._aftermath = aftermath
        self._report = report
        self._now = now
        self._taken = taken
        self._server_memory = server_memory

    async def run(
        self,
        effect: RunStrategy,
        resources: Iterable[str],
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID,
    ) -> GoalOutcome:
        """Run one goal, at most ``timeout`` seconds; ``name`` is the server's in the graph."""
        identity = str(goal_id)

        def unconfirmed(reason: str) -> None:
            self._report(GoalLost(goal_id=identity, reason=reason, may_run=True))

        def ended(outcome: GoalOutcome) -> None:
            self._report(word(identity, outcome))

        outcome = await self._alone(
            effect.robot,
            tuple(resources),
            self._port.run_action(
                interface_type,
                name,
                goal,
                timeout=timeout,
                goal_id=goal_id,
                adopt=effect.again,
                # One that its server may have forgotten since is not sent a second time.
                anew=self._now() - effect.since < self._server_memory,
                unconfirmed=unconfirmed,
                ended_late=ended,
            ),
        )
        if outcome.end is GoalEnd.LOST:
            await self._after_death(identity, effect.robot, resources, outcome.reason)
        return outcome

    async def _alone(
        self, robot: str, resources: tuple[str, ...], motion: Coroutine[Any, Any, GoalOutcome]
    ) -> GoalOutcome:
        """Move until it is done, or until another client moves the robot."""
        moving = asyncio.create_task(motion)
        taken = ""
        try:
            while not moving.done():
                await asyncio.wait({moving}, timeout=LOOK_PERIOD)
                taken = taken or self._taken(robot, resources)
                if taken:
                    moving.cancel()
                    await asyncio.wait({moving})
        except asyncio.CancelledError:
            moving.cancel()
            await asyncio.wait({moving})
            raise
        finally:
            moving.cancel()
        if moving.cancelled():
            return GoalOutcome(GoalEnd.CANCELLED, reason=taken)
        return moving.result()

    async def _after_death(
        self, goal_id: str, robot: str, resources: Iterable[str], reason: str
    ) -> None:
        """Wait until it is known whether the robot still moves after its server died."""
        known = asyncio.get_running_loop().create_future()

        def report(lost: GoalLost) -> None:
            self._report(lost)
            if not known.done():
                known.set_result(None)

        prefix = f"{robot}/" if robot else ""
        self._aftermath.server_died(
            goal_id, robot, [f"{prefix}{one}" for one in resources], reason, report
        )
        await known


def word(goal_id: str, outcome: GoalOutcome) -> Input:
    """Return the final result of a strategy's goal that was asked to cancel."""
    if outcome.end is GoalEnd.SUCCEEDED:
        return GoalSucceeded(goal_id=goal_id)
    if outcome.end is GoalEnd.CANCELLED:
        return GoalCancelled(goal_id=goal_id)
    if outcome.end in (GoalEnd.ABORTED, GoalEnd.REJECTED):
        message = outcome.reason or f"it was {outcome.end.value}"
        error = ErrorInfo(type=ErrorType.EXECUTION, code="GOAL_ABORTED", message=message)
        return GoalFailed(goal_id=goal_id, error=error)
    return GoalLost(goal_id=goal_id, reason=outcome.reason)
