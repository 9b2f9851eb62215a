"""The data and interfaces that a recovery strategy may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.robot_port import GoalOutcome, RobotPort
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorInfo

_RUNS = uuid5(NAMESPACE_URL, "execution_orchestrator/recovery")


class Motion(Protocol):
    """Sends a goal that moves the robot and waits for its end."""

    async def __call__(
        self,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID,
    ) -> GoalOutcome:
        """Run it, at most ``timeout`` seconds; REJECTED with a reason if it must not be sent."""


@dataclass(frozen=True, slots=True)
class RecoveryContext:
    """The failed action and the robot.

    ``settings`` are the strategy's own parameters from config/recovery.yaml, ``parameters`` the
    action's as they were sent, ``attempt`` the attempt that failed (1 is the first), ``run`` how
    often this strategy ran before for this action (0 for the first time). ``run_id`` names it,
    ``motion`` runs its goal.
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
    run_id: str
    motion: Motion

    async def move(
        self, interface_type: str, name: str, goal: Mapping[str, Any], *, timeout: float
    ) -> GoalOutcome:
        """Run the goal of this run that moves the robot, at most ``timeout`` seconds.

        Its id follows from the name of the run. It is journalled before it is sent, so that it is
        found again after a restart, and what the strategy moves stays with it until its server
        says that it has ended.
        """
        goal_id = uuid5(_RUNS, self.run_id)
        return await self.motion(interface_type, name, goal, timeout=timeout, goal_id=goal_id)


class RobotStrategy(Protocol):
    """A recovery that acts on the robot.

    It may have ``settings``, by name the type of each (float for numbers): then another one in a
    recovery file is reported at the start.
    """

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
