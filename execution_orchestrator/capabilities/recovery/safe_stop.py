"""Stop the robot before the execution ends."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.recovery.context import RecoveryContext, number
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult


class SafeStop:
    """Settings: ``timeout``, seconds for the robot to come to rest."""

    name = "safe_stop"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {"timeout": float}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Cancel all motion, publish zero velocity until the robot rests, end the execution."""
        seen = await context.stand_still(number(context, "timeout", 2.0))
        return StrategyResult(
            outcome=StrategyOutcome.ABORT, reason=f"the robot was stopped: {seen}"
        )
