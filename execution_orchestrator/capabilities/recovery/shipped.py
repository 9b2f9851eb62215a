"""The strategies that come with the package; more are added by entry point."""

from __future__ import annotations

from execution_orchestrator.capabilities.recovery.alternative_goal import AlternativeGoal
from execution_orchestrator.capabilities.recovery.arm_planning import (
    AlternativeGrasp,
    AlternativePlanner,
)
from execution_orchestrator.capabilities.recovery.base_motion import BackUp, LookAgain, Spin
from execution_orchestrator.capabilities.recovery.clear_costmaps import ClearCostmaps
from execution_orchestrator.capabilities.recovery.context import RobotStrategy
from execution_orchestrator.capabilities.recovery.reopen_gripper import ReopenGripper
from execution_orchestrator.capabilities.recovery.reposition_base import RepositionBase
from execution_orchestrator.capabilities.recovery.safe_stop import SafeStop
from execution_orchestrator.capabilities.recovery.wait_for_server import WaitForServer
from execution_orchestrator.extras import built_additions

ENTRY_POINTS = "execution_orchestrator.recovery"


def robot_strategies() -> dict[str, RobotStrategy]:
    """Shipped strategies and those of entry points, by name."""
    shipped: list[RobotStrategy] = [
        AlternativeGoal(),
        AlternativeGrasp(),
        AlternativePlanner(),
        BackUp(),
        ClearCostmaps(),
        LookAgain(),
        ReopenGripper(),
        RepositionBase(),
        SafeStop(),
        Spin(),
        WaitForServer(),
    ]
    strategies = {strategy.name: strategy for strategy in shipped}
    needs = ("name", "resources", "cures", "needs", "recover")
    added = built_additions(ENTRY_POINTS, "recovery strategy", needs).values()
    return strategies | {strategy.name: strategy for strategy in added}
