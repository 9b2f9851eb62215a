"""Move the base out of a tight spot with Nav2's behaviours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import duration_fields
from execution_orchestrator.capabilities.recovery import causes
from execution_orchestrator.capabilities.recovery.context import (
    RecoveryContext,
    number,
    pass_on,
    retry,
)
from execution_orchestrator.capabilities.robot_port import GoalEnd
from execution_orchestrator.engine.recovery.strategies import StrategyResult


class BackUp:
    """Drives straight back; settings: ``distance`` (m), ``speed`` (m/s), ``timeout`` (s)."""

    name = "back_up"
    resources = ("base",)
    cures = causes.STUCK
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {
        "distance": float,
        "speed": float,
        "timeout": float,
        "action": str,
    }

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Back up and try again."""
        distance = number(context, "distance", 0.2)
        timeout = number(context, "timeout", 15.0)
        goal = {
            "target": {"x": distance},
            "speed": number(context, "speed", 0.1),
            "time_allowance": duration_fields(timeout),
        }
        return await _behave(
            context,
            "nav2_msgs/action/BackUp",
            "backup",
            goal,
            timeout=timeout,
            done=f"backed up {distance} m",
        )


class Spin:
    """Turns on the spot to see around; settings: ``angle`` (rad), ``timeout`` (s)."""

    name = "spin"
    resources = ("base",)
    cures = causes.STUCK
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {"angle": float, "timeout": float, "action": str}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Turn and try again."""
        angle = number(context, "angle", 1.57)
        return await _turn(context, angle, 20.0, f"turned by {angle} rad")


class LookAgain:
    """Turns the base a little so that the camera sees from another side.

    Settings: ``angles`` (rad, one per run), ``timeout`` (s).
    """

    name = "look_again"
    resources = ("base",)
    cures = causes.NOT_SEEN
    needs: tuple[str, ...] = ()
    settings: Mapping[str, type] = {"angles": list, "timeout": float, "action": str}

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Turn to the next angle and try again; pass on when all were tried."""
        angles = context.settings.get("angles", (0.35, -0.7))
        if context.run >= len(angles):
            return pass_on("looked from every side that was configured")
        angle = float(angles[context.run])
        return await _turn(context, angle, 15.0, f"turned the view by {angle}")


async def _turn(
    context: RecoveryContext, angle: float, default_timeout: float, done: str
) -> StrategyResult:
    timeout = number(context, "timeout", default_timeout)
    goal = {"target_yaw": angle, "time_allowance": duration_fields(timeout)}
    return await _behave(context, "nav2_msgs/action/Spin", "spin", goal, timeout=timeout, done=done)


async def _behave(
    context: RecoveryContext,
    interface_type: str,
    default_name: str,
    goal: Mapping[str, Any],
    *,
    timeout: float,
    done: str,
) -> StrategyResult:
    name = str(context.settings.get("action", default_name))
    outcome = await context.move(interface_type, name, goal, timeout=timeout)
    if outcome.end is GoalEnd.SUCCEEDED:
        return retry(done)
    said = outcome.reason or outcome.result.get("error_msg") or outcome.end.value
    return pass_on(f"{name} did not help: {said}")
