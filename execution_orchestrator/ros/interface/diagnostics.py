"""/diagnostics (REP 107): executions, alerts, journal, clock, and every action server in use.

Names are "<node>: <part>". Viewers mark a part as stale after some seconds without a message; a
node that shuts down publishes that it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from execution_orchestrator.monitoring.health import Health, Level
from execution_orchestrator.ros.interface.state_messages import time_message

LEVELS = {
    Level.OK: DiagnosticStatus.OK,
    Level.WARN: DiagnosticStatus.WARN,
    Level.ERROR: DiagnosticStatus.ERROR,
    Level.STALE: DiagnosticStatus.STALE,
}


class Diagnostics:
    """Publishes a DiagnosticArray whenever `publish` is called."""

    def __init__(self, node: Any, parts: Callable[[], Iterable[Health]]) -> None:
        self._name = node.get_fully_qualified_name().strip("/").replace("/", "_")
        self._parts = parts
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)

    def publish(self) -> None:
        """Say how things are."""
        self._send(self._parts())

    def publish_end(self) -> None:
        """Report that the node no longer updates its diagnostics."""
        self._send(
            Health(health.part, Level.STALE, "the node was stopped") for health in self._parts()
        )

    def _send(self, parts: Iterable[Health]) -> None:
        message = DiagnosticArray(status=[self._status(health) for health in parts])
        message.header.stamp = time_message(time.time())
        self._publisher.publish(message)

    def _status(self, health: Health) -> Any:
        return DiagnosticStatus(
            name=f"{self._name}: {health.part}",
            hardware_id=self._name,
            level=LEVELS[health.level],
            message=health.message,
            values=[KeyValue(key=key, value=str(value)) for key, value in health.values.items()],
        )
