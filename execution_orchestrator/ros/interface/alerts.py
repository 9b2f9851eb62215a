"""Alerts: compared once a second, set and removed by service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from pydantic import ValidationError
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from execution_orchestrator.capabilities.problems import (
    ConfigurationError,
    ConfigurationProblem,
    problems_of,
)
from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.alerts import AlertChange, AlertCondition
from execution_orchestrator.monitoring.alerts.delivery.outbox import AlertNotice
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.msg import Alert
from execution_orchestrator.msg import AlertCondition as AlertConditionMessage
from execution_orchestrator.plan.yaml_reader import read_yaml
from execution_orchestrator.ros.interface.callers import caller_of
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.ros.interface.state_messages import time_message
from execution_orchestrator.srv import RemoveAlert, SetAlert
from execution_orchestrator.storage.journal import StorageError

SEVERITIES = {Alert.INFO: "info", Alert.WARNING: "warning", Alert.ERROR: "error"}
# Late joiners get the newest changes.
LATCHED = QoSProfile(
    depth=100,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
NUMBERS = {name: number for number, name in SEVERITIES.items()}


def read_alerts(file: Path) -> list[AlertCondition]:
    """Read config/alerts.yaml.

    Raises:
        ConfigurationError: it cannot be read or something in it is wrong; all of it is listed.

    """
    problems = []
    try:
        content = read_yaml(file.read_text(encoding="utf-8")) or {}
        entries = content["alerts"] if isinstance(content, dict) else []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError) as failure:
        raise ConfigurationError(
            [ConfigurationProblem(str(file), f"cannot be read: {failure!r}")]
        ) from None
    if isinstance(content, dict):
        problems += [
            ConfigurationProblem(
                f"{file}: {name}", "there is no such key", "alerts is the only one"
            )
            for name in content.keys() - {"alerts"}
        ]
    conditions = []
    for index, entry in enumerate(entries):
        try:
            conditions.append(AlertCondition.model_validate(entry))
        except ValidationError as failure:
            problems += problems_of(file, failure, AlertCondition, within=f"alerts[{index}]")
    if problems:
        raise ConfigurationError(problems)
    return conditions


class Alerts:
    """Keeps the conditions; publishes and journals what is raised and cleared.

    ``wall`` gives the wall time of an execution time; ``tell`` sends notifications to people.
    """

    def __init__(
        self,
        node: Any,
        monitor: LiveMonitor,
        *,
        note: Callable[[Sequence[ev.Event]], None],
        wall: Callable[[float], float],
        tell: Callable[[Iterable[AlertNotice]], None] = lambda _: None,
    ) -> None:
        self._tell_people = tell
        self._wall = wall
        self._monitor = monitor
        self._note = note
        self._publisher = node.create_publisher(Alert, "~/alerts", LATCHED)

    def serve(self, host: ServiceHost) -> None:
        """Create the services."""
        host.serve("set_alert", SetAlert, self._set)
        host.serve("remove_alert", RemoveAlert, self._remove)

    async def look(self) -> None:
        """Compare the figures of this moment with the conditions, off the loop."""
        self._publish(await asyncio.to_thread(self._monitor.check_alerts))

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
            self._publish(self._monitor.set_alert(condition))
        except ValidationError as failure:
            wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in failure.errors())
            raise CommandRefusedError(wrong) from None
        except ValueError as failure:
            raise CommandRefusedError(str(failure)) from None
        self._tell(request, "set an alert", f"{alert_id}: {condition.words}")
        response.success = True
        response.alert_id = alert_id
        response.message = f"{alert_id} is set"

    async def _remove(self, request: Any, response: Any) -> None:
        if not self._monitor.has_alert(request.alert_id):
            raise CommandRefusedError(f"no alert is called {request.alert_id!r}")
        self._publish(self._monitor.remove_alert(request.alert_id))
        self._tell(request, "remove an alert", request.alert_id)
        response.success = True
        response.message = f"{request.alert_id} is removed"

    def _tell(self, request: Any, command: str, about: str) -> None:
        """Journal who changed the alerts."""
        event = ev.CommandGiven(
            time=self._monitor.now(), caller=caller_of(request), command=command, about=about
        )
        with contextlib.suppress(StorageError):
            self._note([event])

    def _notice_of(self, change: AlertChange) -> AlertNotice:
        record = self._monitor.observation.record(change.execution_id)
        robots = () if record is None else (one.robot for one in record.actions.values())
        return AlertNotice(
            alert_id=change.condition.alert_id,
            execution_id=change.execution_id,
            severity=str(change.condition.severity.value),
            text=change.message,
            active=change.active,
            robots=frozenset(filter(None, robots)),
        )

    def _publish(self, changes: Iterable[AlertChange]) -> None:
        changes = list(changes)
        # Diagnostics report a journal that cannot be written; the alert still goes out.
        with contextlib.suppress(StorageError):
            self._note([_event(change) for change in changes])
        self._tell_people([self._notice_of(change) for change in changes])
        for change in changes:
            condition = change.condition
            self._publisher.publish(
                Alert(
                    stamp=time_message(self._wall(change.time)),
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


def _event(change: AlertChange) -> ev.Event:
    if not change.active:
        return ev.AlertCleared(
            time=change.time,
            execution_id=change.execution_id,
            alert_id=change.condition.alert_id,
            metric=change.condition.metric,
            value=change.value,
        )
    return ev.AlertRaised(
        time=change.time,
        execution_id=change.execution_id,
        alert_id=change.condition.alert_id,
        metric=change.condition.metric,
        value=change.value,
        severity=str(change.condition.severity.value),
        message=change.message,
    )
