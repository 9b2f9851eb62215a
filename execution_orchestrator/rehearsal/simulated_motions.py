"""What the node's recovery strategies move, with the simulated robot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.robot_port import GoalOutcome
from execution_orchestrator.engine.effects import RunStrategy
from execution_orchestrator.rehearsal.port import StagePort


class RehearsedMotions:
    """Implements `Motions`: a simulated server neither dies nor forgets a goal."""

    def __init__(self, port: StagePort) -> None:
        self._port = port

    async def run(
        self,
        _effect: RunStrategy,
        _resources: Iterable[str],
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID,  # noqa: ARG002 - a simulated server gives none a second time
    ) -> GoalOutcome:
        """Run one goal, at most ``timeout`` virtual seconds."""
        return await self._port.run_action(interface_type, name, goal, timeout=timeout)


async def not_driven_by_others(_: RunStrategy, _resources: tuple[str, ...]) -> str:
    """Say that the robot may be moved: it is never another client's in a rehearsal."""
    return ""


async def stands(_robot: str, _reason: str, _timeout: float) -> str:
    """Return that the robot is at rest: its goals are cancelled, and nothing else moves it."""
    return "the robot stands"
