"""Clear Nav2's costmaps: obstacles that are not there any more block the way."""

from __future__ import annotations

from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.capabilities.robot_port import RobotCallError
from execution_orchestrator.runtime.ports import StrategyResult

SERVICES = (
    "local_costmap/clear_entirely_local_costmap",
    "global_costmap/clear_entirely_global_costmap",
)
SERVICE_TYPE = "nav2_msgs/srv/ClearEntireCostmap"


class ClearCostmaps:
    """Calls the clearing services; settings: ``services`` (names), ``timeout`` (s)."""

    name = "clear_costmaps"
    resources: tuple[str, ...] = ()

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Clear what can be cleared and try again."""
        timeout = number(context, "timeout", 2.0)
        cleared, failures = [], []
        for service in context.settings.get("services", SERVICES):
            try:
                await context.robot.call_service(SERVICE_TYPE, service, {}, timeout=timeout)
                cleared.append(service)
            except RobotCallError as failure:
                failures.append(str(failure))
        if not cleared:
            return pass_on(f"no costmap was cleared: {'; '.join(failures)}")
        return retry(f"cleared {', '.join(cleared)}")
