"""What lets people and tools watch the node: the web page, Prometheus, traces."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from execution_orchestrator.access.people import PeopleFile
from execution_orchestrator.extras import how_to_get
from execution_orchestrator.monitoring.alerts import (
    AlertCondition,
    AlertMonitor,
    Comparison,
    Severity,
)
from execution_orchestrator.monitoring.alerts.delivery.notifier import FILE as NOTIFICATIONS
from execution_orchestrator.monitoring.alerts.delivery.notifier import SETTLED, Notifier
from execution_orchestrator.monitoring.alerts.delivery.outbox import AlertNotice
from execution_orchestrator.monitoring.alerts.delivery.rules import Rules
from execution_orchestrator.monitoring.alerts.delivery.sending import Sender
from execution_orchestrator.monitoring.event_log import EventLog
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.paced import PacedObserver
from execution_orchestrator.monitoring.past_reader import PastReader
from execution_orchestrator.monitoring.web.desk import Desk, Plans
from execution_orchestrator.monitoring.web.eyes import Eyes
from execution_orchestrator.monitoring.web.floor import Floor
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.capability import ResourceSpec, RobotModel
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.runtime.rehearsing import Rehearser

log = logging.getLogger(__name__)
# Not in a file that somebody may leave out.
STILL_MOVES = AlertCondition(
    alert_id="robot_still_moves",
    metric="speed_while_stopped",
    comparison=Comparison.GT,
    threshold=0.0,
    severity=Severity.ERROR,
    message="the robot still moves ({value} m/s)",
)


class Watching:
    """Starts what the parameters ask for; what cannot start is a warning, never the node's end."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        observation: Observation,
        orchestrator: Orchestrator,
        planning: Planning,
        resources: Mapping[str, ResourceSpec],
        alerts: Iterable[AlertCondition] = (),
        *,
        notifications: tuple[Rules, Sender] | None,
        state_directory: Path,
        desk: Desk,
        rehearser: Rehearser,
        floor: Floor | None,
        eyes: Eyes,
        plans: Plans,
        robot: RobotModel,
        strategies: Collection[str],
        instance: str,
    ) -> None:
        self._strategies = strategies
        self._instance, self._eyes = instance, eyes
        self._desk, self._floor, self._plans, self._robot = desk, floor, plans, robot
        self._rehearser = rehearser
        self._parameters = parameters
        self._orchestrator = orchestrator
        self._planning = planning
        self._resources = resources
        self.monitor = LiveMonitor(
            observation,
            AlertMonitor([STILL_MOVES, *alerts]),
            capacities={name: spec.capacity for name, spec in resources.items()},
            window=parameters["metrics_window"],
            commit_seconds=lambda: orchestrator.commit_seconds,
            now=orchestrator.now,
        )
        self.notifier: Notifier | None = None
        if notifications is not None:
            longest = max((one.duration for one in self.monitor.alert_conditions), default=0.0)
            rules, sender = notifications
            self.notifier = Notifier(
                rules,
                sender,
                state_directory / NOTIFICATIONS,
                lambda: {
                    (one.condition.alert_id, one.execution_id) for one in self.monitor.active_alerts
                },
                settled=SETTLED + longest,
            )
        self._paced = PacedObserver(
            self.monitor, lambda after, limit: orchestrator.journal.read(after=after, limit=limit)
        )
        orchestrator.add_observer(self._paced)
        self._past = PastReader(
            observation, orchestrator.journal, window=parameters["metrics_window"]
        )
        self._stops: list[Any] = []
        self._opening: asyncio.Task[None] | None = None

    def begin_after_journal(self) -> None:
        """Count on from what is in the journal; what still matters of it is replayed after this."""
        journal = self._orchestrator.journal
        self.monitor.begin_after(journal.last_sequence, journal.count_ended())
        self._paced.begin_after(journal.last_sequence)

    def tell(self, alerts: Iterable[AlertNotice]) -> None:
        """Notify people of alerts, if anyone is to be notified."""
        if self.notifier is not None:
            self.notifier.tell(alerts)

    def _undelivered(self) -> Mapping[str, str]:
        return (self.notifier.waiting.failing or {}) if self.notifier is not None else {}

    def start(self) -> None:
        """Open the endpoints, and the web page soon; called on the orchestrator's loop."""
        self.monitor.subscribe(EventLog(self.monitor))
        self._paced.start()
        self._past.start()
        if self.notifier is not None:
            self.notifier.start()
            self._stops.append(self.notifier.stop)
        self._begin("prometheus_port", "metrics", "metrics for Prometheus", self._prometheus)
        self._begin("otlp_endpoint", "tracing", "traces", self._tracing)
        # The robot does not wait for the page.
        loop = asyncio.get_running_loop()
        opening = asyncio.to_thread(
            self._begin, "web_port", "page", "web page", lambda: self._web(loop)
        )
        self._opening = loop.create_task(opening, name="web page")

    def _begin(self, name: str, extra: str, what: str, begin: Callable[[], None]) -> None:
        if not self._parameters[name]:
            return
        try:
            begin()
        except ImportError as missing:
            log.warning("no %s: %s is not installed: %s", what, missing.name, how_to_get(extra))
        except (OSError, RuntimeError) as failure:
            log.warning("no %s: %s", what, why_not_served(failure, name, self._parameters[name]))

    def _web(self, loop: asyncio.AbstractEventLoop) -> None:
        from execution_orchestrator.monitoring.web.live_source import LiveSource  # noqa: PLC0415
        from execution_orchestrator.monitoring.web.plan_editing import (  # noqa: PLC0415
            PlanEditing,
        )
        from execution_orchestrator.monitoring.web.server import (  # noqa: PLC0415
            WebServer,
            is_loopback,
        )

        source = LiveSource(
            orchestrator=self._orchestrator,
            monitor=self.monitor,
            planning=self._planning,
            loop=loop,
            resources=self._resources,
            desk=self._desk,
            rehearser=self._rehearser,
            floor=self._floor,
            eyes=self._eyes,
            editing=PlanEditing(self._robot, self._plans),
            undelivered=self._undelivered,
        )
        parameters = self._parameters
        people = None
        if parameters["access_file"]:
            people = PeopleFile(Path(parameters["access_file"]).expanduser())
            people.people()
            if people.problem:
                log.error("nobody can sign in on the web page: %s", people.problem)
        server = WebServer(
            source,
            host=parameters["web_host"],
            port=parameters["web_port"],
            names=[name for name in parameters["web_names"] if name],
            people=people,
            certificate=_home(parameters["web_certificate"]),
            key=_home(parameters["web_key"]),
        )
        if not (parameters["web_certificate"] or is_loopback(parameters["web_host"])):
            log.warning(
                "tokens and all that is on the web page can be read on the network: set "
                "web_certificate and web_key"
            )
        server.start()
        self._stops.append(server.stop)
        log.info("web page: %s", server.url)

    def _prometheus(self) -> None:
        from execution_orchestrator.monitoring.prometheus import (  # noqa: PLC0415
            PrometheusEndpoint,
        )

        endpoint = PrometheusEndpoint(
            self.monitor,
            capacities={name: spec.capacity for name, spec in self._resources.items()},
            capabilities=self._robot.capabilities,
            strategies=self._strategies,
            port=self._parameters["prometheus_port"],
        )
        self._stops.append(endpoint.stop)
        log.info("metrics: %s", endpoint.url)

    def _tracing(self) -> None:
        from execution_orchestrator.monitoring.tracing import Tracing  # noqa: PLC0415

        tracing = Tracing.over_otlp(
            self._parameters["otlp_endpoint"],
            instance=self._instance,
            sample_ratio=self._parameters["trace_sample_ratio"],
        )
        self.monitor.on_finished(tracing.tell)
        self._stops.append(tracing.stop)

    async def stop(self) -> None:
        """Close everything, off the loop, because a browser may be slow to disconnect."""
        self._past.stop()
        await asyncio.to_thread(self._paced.stop)
        if self._opening is not None:
            await self._opening
        for stop in self._stops:
            await asyncio.to_thread(stop)
        self._stops.clear()


def why_not_served(failure: OSError | RuntimeError, parameter: str, value: object) -> str:
    """Return why what a parameter asks for does not begin, and what to do about it."""
    if isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE:
        return (
            f"port {value} is taken by another program of this machine, perhaps by a second "
            f"orchestrator (`ss -ltnp sport = :{value}` says which); end that one, or set the "
            f"parameter {parameter} to a port that is free, or to 0 to go without"
        )
    return f"{failure}; the parameter {parameter} is {value}"


def _home(name: str) -> str:
    """Return the name of a file with the home folder for a tilde; empty stays empty."""
    return str(Path(name).expanduser()) if name else ""
