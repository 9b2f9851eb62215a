"""The node's recovery strategies, with the simulated robot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.capabilities.namespaced_port import NamespacedPort
from execution_orchestrator.capabilities.recovery.causes import refusal
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    RobotStrategy,
    pass_on,
)
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotPort
from execution_orchestrator.engine.effects import RunStrategy
from execution_orchestrator.engine.recovery.strategies import StrategyResult
from execution_orchestrator.engine.stimuli import MotionWanted
from execution_orchestrator.plan.robots import name_on
from execution_orchestrator.rehearsal.port import StagePort

MayMove = Callable[[MotionWanted], Awaitable[str]]


class RehearsedStrategy:
    """Implements the runtime's `Strategy`; the robot is never anybody else's here."""

    def __init__(
        self,
        strategy: RobotStrategy,
        robot: LoadedRobot,
        port: StagePort,
        conversion: Callable[[], ConversionContext],
        may_move: MayMove,
    ) -> None:
        self._strategy = strategy
        self._robot = robot
        self._port = port
        self._conversion = conversion
        self._may_move = may_move

    @property
    def name(self) -> str:
        """Name in config/recovery.yaml."""
        return self._strategy.name

    async def run(self, effect: RunStrategy) -> StrategyResult:
        """Do it and say how to go on; for an error it does not cure, let the next one try."""
        no_cure = refusal(self._strategy, self.name, effect.error, effect.settings)
        if no_cure:
            return pass_on(no_cure)
        known = self._robot.model.robots.get(effect.robot)
        port: RobotPort = self._port
        if known is not None:
            port = NamespacedPort(self._port, known.namespace)
        return await self._strategy.recover(
            RecoveryContext(
                settings=effect.settings,
                parameters=effect.parameters,
                error=effect.error,
                capability=self._robot.model.capabilities.get(effect.capability),
                attempt=effect.attempt,
                run=effect.run,
                robot=port,
                conversion=self._conversion(),
                stand_still=_stands,
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
        known = self._robot.model.robots.get(effect.robot)
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
        return await self._port.run_action(interface_type, server, goal, timeout=timeout)


async def _stands(_: float) -> str:
    """Say that the robot stands: its goals are cancelled, and nothing else moves it."""
    return "the robot stands"
