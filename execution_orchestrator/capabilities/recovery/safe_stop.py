"""Stop the robot before the execution ends."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.recovery.context import RecoveryContext, number
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult


class SafeStop:
    """Settings: ``timeout`` (s) for the robot to stand."""

    name = "safe_stop"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {"timeout": float}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Cancel what moves the robot, hold zero velocity until it stands, end the execution."""
        seen = await context.stand_still(number(context, "timeout", 2.0))
        return StrategyResult(
            outcome=StrategyOutcome.ABORT, reason=f"the robot was stopped: {seen}"
        )
