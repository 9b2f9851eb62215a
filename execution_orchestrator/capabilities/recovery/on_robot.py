"""Recovery strategies as the runtime wants them, on a real robot or a rehearsed one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.namespaced_port import NamespacedPort
from execution_orchestrator.capabilities.recovery.causes import refusal
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    RobotStrategy,
    pass_on,
)
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotPort
from execution_orchestrator.engine.effects import RunStrategy
from execution_orchestrator.engine.inputs import MotionWanted
from execution_orchestrator.engine.recovery.strategies import StrategyResult
from execution_orchestrator.plan.capability import CapabilitySpec, RobotSpec
from execution_orchestrator.plan.robots import name_on

# Why a strategy may not move these resources now; empty: it may.
NotToMove = Callable[[RunStrategy, tuple[str, ...]], Awaitable[str]]
# Why a goal must not be sent, empty if it may, after that is in the journal.
MayMove = Callable[[MotionWanted], Awaitable[str]]
# Stops a robot for a reason, in so many seconds at most; what is known of it then.
Stop = Callable[[str, str, float], Awaitable[str]]


class Motions(Protocol):
    """Sends the goals that strategies move a robot with, after the engine has permitted them."""

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
        ...


class StrategyOnRobot:
    """Runs one strategy, unless another client moves the same resources."""

    def __init__(
        self,
        strategy: RobotStrategy,
        *,
        robot: RobotPort,
        capabilities: Mapping[str, CapabilitySpec],
        conversion: Callable[[], ConversionContext],
        robots: Mapping[str, RobotSpec],
        motions: Motions,
        may_move: MayMove,
        not_to_move: NotToMove,
        stop: Stop,
    ) -> None:
        self._strategy = strategy
        self._robot = robot
        self._capabilities = capabilities
        self._conversion = conversion
        self._robots = robots
        self._motions = motions
        self._may_move = may_move
        self._not_to_move = not_to_move
        self._stop = stop

    @property
    def name(self) -> str:
        """Name in config/recovery.yaml."""
        return self._strategy.name

    async def run(self, effect: RunStrategy) -> StrategyResult:
        """Do it and say how to go on; for an error it does not cure, let the next one try."""
        no_cure = refusal(self._strategy, self.name, effect.error, effect.settings)
        if no_cure:
            return pass_on(no_cure)
        # One that an earlier process began may move already: it is found again.
        if self._strategy.resources and not effect.again:
            reason = await self._not_to_move(effect, self._strategy.resources)
            if reason:
                return pass_on(f"the robot is not moved: {reason}")
        return await self._strategy.recover(
            RecoveryContext(
                settings=effect.settings,
                parameters=effect.parameters,
                error=effect.error,
                capability=self._capabilities.get(effect.capability),
                attempt=effect.attempt,
                run=effect.run,
                robot=self._port(effect.robot),
                conversion=self._conversion(),
                stand_still=lambda timeout: self._stop(
                    effect.robot, f"{self.name} of {effect.key}", timeout
                ),
                run_id=effect.run_id,
                motion=partial(self._move, effect),
            )
        )

    async def _move(
        self,
        effect: RunStrategy,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID,
    ) -> GoalOutcome:
        known = self._robots.get(effect.robot)
        server = name_on(known.namespace, name) if known is not None else name
        wanted = MotionWanted(
            run_id=effect.run_id,
            goal_id=str(goal_id),
            interface=interface_type,
            server=server,
            goal=dict(goal),
        )
        reason = await self._may_move(wanted)
        if reason:
            return GoalOutcome(GoalEnd.REJECTED, reason=f"nothing was moved: {reason}")
        return await self._motions.run(
            effect,
            self._strategy.resources,
            interface_type,
            server,
            goal,
            timeout=timeout,
            goal_id=goal_id,
        )

    def _port(self, robot: str) -> RobotPort:
        known = self._robots.get(robot)
        return NamespacedPort(self._robot, known.namespace) if known is not None else self._robot
