"""Alerts: compared once a second while something happens, set and removed by service."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from pydantic import ValidationError

from execution_orchestrator.capabilities.problems import ConfigurationError, ConfigurationProblem
from execution_orchestrator.monitoring.alerts import AlertChange, AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.msg import Alert
from execution_orchestrator.msg import AlertCondition as AlertConditionMessage
from execution_orchestrator.ros.interface.projection import Projection
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.ros.interface.state_messages import time_message
from execution_orchestrator.srv import RemoveAlert, SetAlert

SEVERITIES = {Alert.INFO: "info", Alert.WARNING: "warning", Alert.ERROR: "error"}
NUMBERS = {name: number for number, name in SEVERITIES.items()}


def read_alerts(file: Path) -> list[AlertCondition]:
    """Read config/alerts.yaml.

    Raises:
        ConfigurationError: it cannot be read or something in it is wrong; all of it is listed.

    """
    problems = []
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        entries = content["alerts"] if isinstance(content, dict) else []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError) as failure:
        raise ConfigurationError(
            [ConfigurationProblem(str(file), f"cannot be read: {failure!r}")]
        ) from None
    conditions = []
    for index, entry in enumerate(entries):
        try:
            conditions.append(AlertCondition.model_validate(entry))
        except ValidationError as failure:
            problems += [
                ConfigurationProblem(
                    f"{file}: alerts[{index}].{'.'.join(str(part) for part in error['loc'])}",
                    error["msg"],
                )
                for error in failure.errors()
            ]
    if problems:
        raise ConfigurationError(problems)
    return conditions


class Alerts:
    """Keeps the conditions and publishes what is raised and cleared."""

    def __init__(
        self,
        node: Any,
        projection: Projection,
        conditions: Iterable[AlertCondition],
        *,
        dead_letters: Callable[[], int],
    ) -> None:
        self._projection = projection
        self._dead_letters = dead_letters
        self._monitor = AlertMonitor(conditions)
        self._publisher = node.create_publisher(Alert, "~/alerts", 100)

    @property
    def active(self) -> tuple[AlertChange, ...]:
        """Alerts that are raised now."""
        return self._monitor.active

    def serve(self, host: ServiceHost) -> None:
        """Create the services."""
        host.serve("set_alert", SetAlert, self._set)
        host.serve("remove_alert", RemoveAlert, self._remove)

    def look(self) -> None:
        """Compare the figures of this moment with the conditions."""
        now = time.time()
        self._publish(self._monitor.update(self._figures(now), time=now))

    def _figures(self, now: float) -> dict[str, dict[str, float]]:
        views = self._projection.executions.values()
        figures = {
            "": {
                "executions_active": float(sum(not view.is_final for view in views)),
                "executions_queued": float(sum(view.status == "PENDING" for view in views)),
                "actions_running": float(len(self._projection.goals)),
                "dead_letters": float(self._dead_letters()),
                "breaker_open": float(
                    sum(s.breaker == "OPEN" for s in self._projection.servers.values())
                ),
            }
        }
        for view in views:
            if not view.is_final:
                values = dataclasses.asdict(compute_figures(view.record, now=now))
                figures[view.execution_id] = {
                    name: float(value)
                    for name, value in values.items()
                    if isinstance(value, int | float) and math.isfinite(value)
                }
        return figures

    async def _set(self, request: Any, response: Any) -> None:
        wanted = request.condition
        alert_id = request.alert_id or uuid4().hex[:8]
        try:
            condition = AlertCondition(
                alert_id=alert_id,
                metric=wanted.metric,
                comparison=wanted.comparison,
                threshold=wanted.threshold,
                duration=wanted.duration,
                execution_id=wanted.execution_id,
                severity=SEVERITIES.get(request.severity, "warning"),
            )
            self._publish(self._monitor.set(condition, time=time.time()))
        except ValidationError as failure:
            wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in failure.errors())
            raise CommandRefusedError(wrong) from None
        except ValueError as failure:
            raise CommandRefusedError(str(failure)) from None
        response.success = True
        response.alert_id = alert_id
        response.message = f"{alert_id} is set"

    async def _remove(self, request: Any, response: Any) -> None:
        if request.alert_id not in self._monitor:
            raise CommandRefusedError(f"no alert is called {request.alert_id!r}")
        self._publish(self._monitor.remove(request.alert_id, time=time.time()))
        response.success = True
        response.message = f"{request.alert_id} is removed"

    def _publish(self, changes: Iterable[AlertChange]) -> None:
        for change in changes:
            condition = change.condition
            self._publisher.publish(
                Alert(
                    stamp=time_message(change.time),
                    alert_id=condition.alert_id,
                    condition=AlertConditionMessage(
                        metric=condition.metric,
                        comparison=str(condition.comparison.value),
                        threshold=condition.threshold,
                        duration=condition.duration,
                        execution_id=condition.execution_id,
                    ),
                    active=change.active,
                    execution_id=change.execution_id,
                    value=float(change.value),
                    severity=NUMBERS[str(condition.severity.value)],
                    message=change.message,
                )
            )
