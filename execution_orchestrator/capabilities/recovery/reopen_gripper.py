"""Open the gripper before the next grasp."""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.capabilities.gripper_command import GRIPPER, gripper_goal
from execution_orchestrator.capabilities.recovery import causes
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.capabilities.robot_port import GoalEnd
from execution_orchestrator.engine.recovery.strategies import StrategyResult


class ReopenGripper:
    """Settings: ``action``, ``type``, ``position`` (m between the jaws), ``max_effort`` (N)."""

    name = "reopen_gripper"
    resources = ("gripper",)
    cures = causes.GRASP_MISSED
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {
        "position": float,
        "max_effort": float,
        "action": str,
        "type": str,
        "timeout": float,
    }

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Open and try again."""
        kind = str(context.settings.get("type", GRIPPER))
        name = str(context.settings.get("action", "gripper_controller/gripper_cmd"))
        outcome = await context.move(
            kind,
            name,
            gripper_goal(
                kind, number(context, "position", 0.08), number(context, "max_effort", 40.0)
            ),
            timeout=number(context, "timeout", 10.0),
        )
        if outcome.end is GoalEnd.SUCCEEDED:
            return retry("the gripper is open again")
        return pass_on(f"{name} did not open: {outcome.reason or outcome.end.value}")
