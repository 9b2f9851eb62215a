"""What a recovery strategy knows and may touch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.robot_port import SERVER_MEMORY, GoalOutcome, RobotPort
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorInfo

_RUNS = uuid5(NAMESPACE_URL, "execution_orchestrator/recovery")


@dataclass(frozen=True, slots=True)
class RecoveryContext:
    """The failed action and the robot.

    ``settings`` are the strategy's own parameters from config/recovery.yaml, ``parameters`` the
    action's as they were sent, ``attempt`` the attempt that failed (1 is the first), ``run`` how
    often this strategy ran before for this action (0 for the first time). ``run_id`` names it;
    ``again``: an earlier life of this process may have begun it, ``age`` seconds ago.
    """

    settings: Mapping[str, Any]
    parameters: Mapping[str, Any]
    error: ErrorInfo
    capability: CapabilitySpec | None
    attempt: int
    run: int
    robot: RobotPort
    conversion: ConversionContext
    stand_still: Callable[[float], Awaitable[str]]
    run_id: str = ""
    again: bool = False
    age: float = 0.0

    async def move(
        self, interface_type: str, name: str, goal: Mapping[str, Any], *, timeout: float
    ) -> GoalOutcome:
        """Run the goal of this run that moves the robot, at most ``timeout`` seconds.

        Its id follows from the name of the run, which is journalled: after a restart the goal is
        found again. One that its server may have forgotten since is not sent a second time.
        """
        return await self.robot.run_action(
            interface_type,
            name,
            goal,
            timeout=timeout,
            goal_id=uuid5(_RUNS, self.run_id) if self.run_id else None,
            adopt=self.again,
            anew=self.age < SERVER_MEMORY,
        )


class RobotStrategy(Protocol):
    """A recovery that acts on the robot."""

    @property
    def name(self) -> str:
        """Name in config/recovery.yaml."""

    @property
    def resources(self) -> tuple[str, ...]:
        """Resources it moves; it does not run while another action holds one of them."""

    @property
    def cures(self) -> frozenset[str] | None:
        """Error codes it can cure: it does not run for others; None: it is for any error."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Parameters of which the action has to know one; none: it is for every action."""

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Do it and say how to go on."""


def retry(reason: str, *, delay: float = 0.0, **parameters: Any) -> StrategyResult:
    """Try the action again, with these parameters changed."""
    return StrategyResult(
        outcome=StrategyOutcome.RETRY, reason=reason, delay=delay, parameters=parameters
    )


def pass_on(reason: str) -> StrategyResult:
    """Let the next strategy of the table try, because this one did not help."""
    return StrategyResult(outcome=StrategyOutcome.NEXT, reason=reason)


def number(context: RecoveryContext, key: str, default: float) -> float:
    """Return a number of the strategy's settings."""
    value = context.settings.get(key, default)
    return float(value) if isinstance(value, int | float) else default
