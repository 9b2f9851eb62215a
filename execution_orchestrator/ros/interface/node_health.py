"""The parts of this node and how they are, gathered from where it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from execution_orchestrator.monitoring import health
from execution_orchestrator.monitoring.alerts.delivery.notifier import Notifier
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.observation import ServerRecord
from execution_orchestrator.runtime.orchestrator import Orchestrator


class NodeHealth:
    """Asked once a round, on the loop that it watches too."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        monitor: LiveMonitor,
        *,
        servers: Callable[[], Mapping[str, bool]],
        surroundings: Callable[[], health.Health],
        robot_state: Callable[[], Mapping[str, tuple[float | None, float]]],
        state_directory: Path,
        queue_capacity: int,
        period: float,
        simulated: Callable[[], float | None] | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._notifier = notifier
        self._orchestrator = orchestrator
        self._monitor = monitor
        self._servers = servers
        self._surroundings = surroundings
        self._robot_state = robot_state
        self._directory = state_directory
        self._capacity = queue_capacity
        self._period = period
        self._clock = health.ClockWatch(simulated=simulated)

    def __call__(self) -> Iterator[health.Health]:
        """Yield every part."""
        figures = self._monitor.node_figures()
        yield health.of_executions(
            running=int(figures["executions_active"]),
            queued=int(figures["executions_queued"]),
            capacity=self._capacity,
            emergency="; ".join(
                filter(
                    None,
                    (
                        self._monitor.observation.emergency_reason,
                        self._monitor.observation.robot_motion_reason,
                    ),
                )
            ),
        )
        yield health.of_quarantine(
            one.description() for one in self._monitor.observation.quarantined_goals()
        )
        yield health.of_alerts(self._monitor.active_alerts)
        if self._notifier is not None:
            yield health.of_notifications(self._notifier.waiting, self._notifier.failure)
        yield health.of_journal(
            self._directory,
            failure=self._orchestrator.failure,
            commit_seconds=self._orchestrator.commit_seconds,
            events=self._orchestrator.journal.last_sequence,
            missing=self._orchestrator.journal.missing.total,
        )
        yield self._clock.look(self._period)
        yield health.of_robot_state(self._robot_state())
        yield self._surroundings()
        known = self._monitor.observation.servers
        for name, available in sorted(self._servers().items()):
            server = known.get(name, ServerRecord(name))
            yield health.of_server(
                name, available=available, breaker=server.breaker, failures=server.failures
            )
