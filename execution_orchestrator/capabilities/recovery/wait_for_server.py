"""Wait until an action server that went away is back."""

from __future__ import annotations

from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.runtime.ports import StrategyResult


class WaitForServer:
    """Settings: ``timeout`` (s)."""

    name = "wait_for_server"
    resources: tuple[str, ...] = ()

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Try again as soon as the server is there."""
        if context.capability is None or context.capability.interface.kind not in (
            "action",
            "service",
        ):
            return pass_on("there is no server to wait for")
        interface = context.capability.interface
        timeout = number(context, "timeout", 30.0)
        if await context.robot.wait_for_server(
            interface.kind, interface.type, interface.name, timeout=timeout
        ):
            return retry(f"{interface.name} is there again")
        return pass_on(f"{interface.name} did not come back within {timeout:g} s")
