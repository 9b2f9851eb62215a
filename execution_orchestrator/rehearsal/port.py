"""Goals and services of the simulated servers, as capabilities and strategies reach for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from typing_extensions import override

from execution_orchestrator.capabilities.robot_port import (
    GoalEnd,
    GoalOutcome,
    RobotCallError,
    RobotPort,
)
from execution_orchestrator.rehearsal.stage import Stage
from execution_orchestrator.ros.messages.from_fields import MessageFieldError, message_from_fields
from execution_orchestrator.ros.messages.installed import InterfaceNotFoundError, interface_class
from execution_orchestrator.ros.messages.to_fields import fields_of_message


class StagePort(RobotPort):
    """Implements `RobotPort`; ``supposed`` is called with what no simulated server does."""

    def __init__(
        self,
        stage: Stage,
        world: Callable[[], Mapping[str, Any]],
        supposed: Callable[[str], None],
    ) -> None:
        self._stage = stage
        self._world = world
        self._supposed = supposed

    @override
    async def run_action(
        self,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID | None = None,
        adopt: bool = False,
        anew: bool = True,
        on_feedback: Callable[[Mapping[str, Any]], None] | None = None,
        unconfirmed: Callable[[str], None] | None = None,
        ended_late: Callable[[GoalOutcome], None] | None = None,
    ) -> GoalOutcome:
        """Run a goal; one of a server that is not simulated is supposed to succeed at once."""
        if name not in self._stage.actions:
            self._supposed(f"what {name} does: no simulated server stands in for it")
            return GoalOutcome(GoalEnd.SUCCEEDED)
        try:
            message = message_from_fields(interface_class(interface_type).Goal, goal)
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            return GoalOutcome(GoalEnd.REJECTED, reason=str(failure))
        on_message = None
        if on_feedback is not None:
            listener = on_feedback
            on_message = lambda feedback: listener(fields_of_message(feedback))  # noqa: E731
        try:
            async with asyncio.timeout(timeout):
                end, result = await self._stage.run(name, message, on_message)
        except TimeoutError:
            return GoalOutcome(GoalEnd.TIMED_OUT, reason=f"{name} took longer than {timeout:g} s")
        return GoalOutcome(end, fields_of_message(result))

    @override
    async def call_service(
        self, interface_type: str, name: str, request: Mapping[str, Any], *, timeout: float
    ) -> Mapping[str, Any]:
        """Call a service of a simulated server.

        Raises:
            RobotCallError: there is none, or it cannot take the request.

        """
        if name not in self._stage.services:
            raise RobotCallError(f"no simulated server offers {name}")
        try:
            message = message_from_fields(interface_class(interface_type).Request, request)
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            raise RobotCallError(str(failure)) from None
        return fields_of_message(self._stage.call(name, message))

    @override
    async def publish(self, interface_type: str, name: str, message: Mapping[str, Any]) -> None:
        """Publish nothing: there are no subscribers."""
        self._supposed(f"what comes of the messages on {name}")

    @override
    async def wait_for_subscribers(
        self, interface_type: str, name: str, count: int, *, timeout: float
    ) -> bool:
        """Suppose that they are there."""
        return True

    @override
    async def wait_for_server(
        self, kind: str, interface_type: str, name: str, *, timeout: float
    ) -> bool:
        """Say whether a simulated server offers it."""
        return name in (self._stage.actions if kind == "action" else self._stage.services)

    def world(self) -> Mapping[str, Any]:
        """Return what is known of the robot and the objects."""
        return self._world()
