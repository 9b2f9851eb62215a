"""Command zero velocity before the execution ends."""

from __future__ import annotations

from execution_orchestrator.capabilities.recovery.context import RecoveryContext, pass_on
from execution_orchestrator.capabilities.robot_port import RobotCallError
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult

VELOCITY_TYPES = {
    "geometry_msgs/msg/Twist": {},
    "geometry_msgs/msg/TwistStamped": {"header": {"frame_id": "base_link"}},
}
DISCOVERY = 1.0  # seconds for the topic's subscribers to be found


class SafeStop:
    """Settings: ``topic`` and ``type`` of the velocity command."""

    name = "safe_stop"
    resources: tuple[str, ...] = ()
    cures: frozenset[str] | None = None
    needs: tuple[str, ...] = ()

    async def recover(self, context: RecoveryContext) -> StrategyResult:
        """Stop the base and end the execution."""
        topic = str(context.settings.get("topic", "cmd_vel"))
        kind = str(context.settings.get("type", "geometry_msgs/msg/Twist"))
        try:
            # A publisher that has just been made reaches nobody yet.
            if not await context.robot.wait_for_subscribers(kind, topic, 1, timeout=DISCOVERY):
                return pass_on(f"nobody listens on {topic}")
            await context.robot.publish(kind, topic, VELOCITY_TYPES.get(kind, {}))
        except RobotCallError as failure:
            return pass_on(f"zero velocity could not be commanded: {failure}")
        return StrategyResult(
            outcome=StrategyOutcome.ABORT, reason=f"zero velocity commanded on {topic}"
        )
