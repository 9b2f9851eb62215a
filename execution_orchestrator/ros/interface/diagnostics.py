"""/diagnostics: the node, its journal, and every action server that was used."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from execution_orchestrator.ros.interface.projection import Projection
from execution_orchestrator.ros.interface.state_messages import time_message


class Diagnostics:
    """Publishes a DiagnosticArray whenever `publish` is called."""

    def __init__(
        self,
        node: Any,
        projection: Projection,
        *,
        failure: Callable[[], str],
        servers: Callable[[], Mapping[str, bool]],
    ) -> None:
        self._name = node.get_name()
        self._projection = projection
        self._failure = failure
        self._servers = servers
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)

    def publish(self) -> None:
        """Say how things are."""
        message = DiagnosticArray(status=[self._node(), self._journal(), *self._used_servers()])
        message.header.stamp = time_message(time.time())
        self._publisher.publish(message)

    def _status(self, name: str, level: bytes, text: str, **values: object) -> Any:
        return DiagnosticStatus(
            name=f"{self._name}: {name}",
            hardware_id=self._name,
            level=level,
            message=text,
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )

    def _node(self) -> Any:
        views = self._projection.executions.values()
        running = sum(not view.is_final for view in views)
        if self._projection.emergency:
            text = f"emergency stop: {self._projection.emergency_reason}"
            return self._status("executions", DiagnosticStatus.ERROR, text, running=running)
        waiting = sum(view.status == "PENDING" for view in views)
        return self._status(
            "executions", DiagnosticStatus.OK, f"{running} running", running=running, queued=waiting
        )

    def _journal(self) -> Any:
        failure = self._failure()
        if failure:
            return self._status("journal", DiagnosticStatus.ERROR, failure)
        return self._status("journal", DiagnosticStatus.OK, "written")

    def _used_servers(self) -> list[Any]:
        statuses = []
        for name, available in self._servers().items():
            server = self._projection.servers.get(name)
            breaker = server.breaker if server else "CLOSED"
            if breaker == "OPEN":
                level, text = DiagnosticStatus.ERROR, "fails; its circuit breaker is open"
            elif not available:
                level, text = DiagnosticStatus.WARN, "not there"
            else:
                level, text = DiagnosticStatus.OK, "there"
            statuses.append(self._status(f"server {name}", level, text, breaker=breaker))
        return statuses
