"""Gauges of this moment and counters that others keep, read when a scrape comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client import Metric as Family
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from execution_orchestrator.engine.status import FINAL_EXECUTION, BreakerStatus
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.prometheus.names import OF_NODE, PREFIX


class WhatIsNow(Collector):
    """Reads the monitor when it is scraped; costs nothing otherwise."""

    def __init__(self, monitor: LiveMonitor, capacities: Mapping[str, float]) -> None:
        self._monitor = monitor
        self._capacities = dict(capacities)

    def describe(self) -> list[Family]:
        """Return nothing, so that registering does not ask for the figures."""
        return []

    def collect(self) -> Iterator[Family]:
        """Yield the figures of the node, its servers and its resources."""
        for figure, value in self._monitor.node_figures().items():
            metric = OF_NODE.get(figure)
            if metric is not None:
                kind = CounterMetricFamily if metric.is_counter else GaugeMetricFamily
                yield kind(PREFIX + metric.name, metric.help, value=value)
        finished = CounterMetricFamily(
            PREFIX + "executions",
            "Executions that ended since the journal began, by final status.",
            labels=["status"],
        )
        counts = self._monitor.finished_counts()
        for status in sorted(FINAL_EXECUTION):
            finished.add_metric([status], counts.get(status, 0))
        yield finished
        yield from self._servers()
        yield from self._resources()

    def _servers(self) -> Iterator[Family]:
        opened = GaugeMetricFamily(
            PREFIX + "server_breaker_open",
            "Whether the circuit breaker of an action server is open, 1 or 0.",
            labels=["server"],
        )
        available = GaugeMetricFamily(
            PREFIX + "server_available",
            "Whether an action server is there, 1 or 0; no series until that is known.",
            labels=["server"],
        )
        for server in self._monitor.observation.known_servers():
            opened.add_metric([server.name], server.breaker is BreakerStatus.OPEN)
            if server.available is not None:
                available.add_metric([server.name], server.available)
        yield from (opened, available)

    def _resources(self) -> Iterator[Family]:
        capacity = GaugeMetricFamily(
            PREFIX + "resource_capacity",
            "How much of a resource can be held at once.",
            labels=["resource"],
        )
        held = GaugeMetricFamily(
            PREFIX + "resource_held", "How much of a resource is held now.", labels=["resource"]
        )
        amounts: dict[str, float] = defaultdict(float)
        for lease in list(self._monitor.observation.leases.values()):
            amounts[lease.resource] += lease.amount
            self._capacities.setdefault(lease.resource, 1.0)
        for name in sorted(self._capacities):
            capacity.add_metric([name], self._capacities[name])
            held.add_metric([name], amounts.get(name, 0.0))
        yield from (capacity, held)
