"""Clear Nav2's costmaps: obstacles that are not there any more block the way."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.recovery import causes
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.capabilities.recovery.reachable import Reach, way_there
from execution_orchestrator.capabilities.robot_port import RobotCallError
from execution_orchestrator.engine.recovery.strategies import StrategyResult

SERVICES = (
    "local_costmap/clear_entirely_local_costmap",
    "global_costmap/clear_entirely_global_costmap",
)
SERVICE_TYPE = "nav2_msgs/srv/ClearEntireCostmap"


class ClearCostmaps:
    """Calls the clearing services, then asks the planner whether there is a way now.

    Nav2's own trees cleared, turned and backed up before they gave up. A goal that is sent again
    while there is still no path does all of that a second time.

    Settings: ``services`` (names), ``timeout`` of each (s), ``planner`` (ComputePathToPose),
    ``planner_timeout`` (s).
    """

    name = "clear_costmaps"
    resources: tuple[str, ...] = ()
    cures = causes.NO_WAY | causes.STUCK
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {
        "services": list,
        "timeout": float,
        "planner": str,
        "planner_timeout": float,
    }

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Clear what can be cleared; try again if the planner finds a path now."""
        timeout = number(context, "timeout", 2.0)
        cleared, failures = [], []
        for service in context.settings.get("services", SERVICES):
            try:
                await context.robot.call_service(SERVICE_TYPE, service, {}, timeout=timeout)
                cleared.append(service)
            except RobotCallError as failure:
                failures.append(str(failure))
        done = f"cleared {', '.join(cleared)}"
        if not cleared:
            done = f"no costmap was cleared ({'; '.join(failures)})"
        # Asked in any case: what stood in the way may have gone by itself.
        found = await way_there(
            context.robot,
            context.parameters,
            context.conversion,
            action=str(context.settings.get("planner", "compute_path_to_pose")),
            timeout=number(context, "planner_timeout", 5.0),
        )
        if found is Reach.PATH:
            return retry(f"{done}; there is a path now")
        if found is Reach.NO_PATH:
            return pass_on(f"{done}, and the planner still finds no path")
        if found is Reach.NO_PLANNER and not cleared:
            # A navigator without Nav2's servers: only the goal itself can show it.
            return retry(f"{done}, and there is no planner to ask: the goal is sent again")
        if not cleared or context.error.code in causes.NO_WAY:
            return pass_on(f"{done}, and no planner says whether there is a path now")
        return retry(done)
