"""Wait until an action server that went away is back."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.engine.recovery.strategies import StrategyResult

_KINDS = ("action", "service")


class WaitForServer:
    """Settings: ``timeout`` (s)."""

    name = "wait_for_server"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {"timeout": float}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Try again as soon as the server is there."""
        server = _server(context)
        if server is None:
            return pass_on("there is no server to wait for")
        kind, interface_type, name = server
        timeout = number(context, "timeout", 30.0)
        if await context.robot.wait_for_server(kind, interface_type, name, timeout=timeout):
            return retry(f"{name} is there again")
        return pass_on(f"{name} did not come back within {timeout:g} s")


def _server(context: RecoveryContext) -> tuple[str, str, str] | None:
    """Return kind, type and name of what is missing: an action of several steps has several."""
    details = context.error.context
    if details.get("kind") in _KINDS and details.get("interface_type") and details.get("server"):
        return str(details["kind"]), str(details["interface_type"]), str(details["server"])
    if context.capability is None or context.capability.interface.kind not in _KINDS:
        return None
    interface = context.capability.interface
    return interface.kind, interface.type, interface.name
