"""The port to one of several robots: relative names are looked for below its namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.robot_port import GoalOutcome, RobotPort
from execution_orchestrator.plan.robots import name_on


class NamespacedPort:
    """A RobotPort of one robot."""

    def __init__(self, port: RobotPort, namespace: str) -> None:
        self._port = port
        self._namespace = namespace

    async def run_action(
        self, interface_type: str, name: str, goal: Mapping[str, Any], **more: Any
    ) -> GoalOutcome:
        """Send a goal to a server of this robot and wait for its end."""
        return await self._port.run_action(
            interface_type, name_on(self._namespace, name), goal, **more
        )

    async def call_service(
        self, interface_type: str, name: str, request: Mapping[str, Any], *, timeout: float
    ) -> Mapping[str, Any]:
        """Call a service of this robot."""
        return await self._port.call_service(
            interface_type, name_on(self._namespace, name), request, timeout=timeout
        )

    async def publish(self, interface_type: str, name: str, message: Mapping[str, Any]) -> None:
        """Publish on a topic of this robot."""
        await self._port.publish(interface_type, name_on(self._namespace, name), message)

    async def wait_for_subscribers(
        self, interface_type: str, name: str, count: int, *, timeout: float
    ) -> bool:
        """Wait for the subscribers of a topic of this robot."""
        return await self._port.wait_for_subscribers(
            interface_type, name_on(self._namespace, name), count, timeout=timeout
        )

    async def wait_for_server(
        self, kind: str, interface_type: str, name: str, *, timeout: float
    ) -> bool:
        """Wait for a server of this robot."""
        return await self._port.wait_for_server(
            kind, interface_type, name_on(self._namespace, name), timeout=timeout
        )

    def world(self) -> Mapping[str, Any]:
        """What is known of the world; the node's own robot is another one."""
        return {**self._port.world(), "robot": {}, "robot_history": {}}
