"""Let MoveIt try harder, or differently."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.engine.recovery.strategies import StrategyResult


class AlternativePlanner:
    """Plans with another planner, more attempts and more time at each run.

    Settings: ``planners`` ([{pipeline_id, planner_id}]), ``planning_attempts``,
    ``planning_time`` (s).
    """

    name = "alternative_planner"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ("planner_id",)
    settings: Mapping[str, type] = {
        "planners": list,
        "planning_attempts": float,
        "planning_time": float,
    }

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Retry with the next planner; pass on when all were tried."""
        planners = context.settings.get("planners") or [{"planner_id": "RRTstarkConfigDefault"}]
        if context.run >= len(planners):
            return pass_on("every configured planner was tried")
        chosen = planners[context.run]
        attempts = int(number(context, "planning_attempts", 5)) * (context.run + 1)
        seconds = number(context, "planning_time", 10.0) * (context.run + 1)
        named = "/".join(filter(None, (chosen.get("pipeline_id"), chosen.get("planner_id"))))
        return retry(
            f"plan with {named}, {attempts} attempts in {seconds:g} s",
            **chosen,
            planning_attempts=min(attempts, 100),
            planning_time=min(seconds, 120.0),
        )


class AlternativeGrasp:
    """Grasps from another direction; settings: ``grasps`` ([{grasp_angle, grasp_pitch}], rad)."""

    name = "alternative_grasp"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ("grasp_angle",)
    settings: Mapping[str, type] = {"grasps": list}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Retry with the next grasp; pass on when all were tried."""
        grasps = context.settings.get("grasps") or [
            {"grasp_angle": 1.57},
            {"grasp_angle": 0.785},
            {"grasp_angle": -0.785},
        ]
        if context.run >= len(grasps):
            return pass_on("every configured grasp was tried")
        chosen = grasps[context.run]
        words = ", ".join(f"{key} {value:g} rad" for key, value in chosen.items())
        return retry(f"grasp with {words}", **chosen)
