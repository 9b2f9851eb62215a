"""The figures as Prometheus reads them; loopback unless asked otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from execution_orchestrator.monitoring.live_monitor import LiveMonitor, numbers_of
from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.window import CapabilityFigures, ResourceFigures

PREFIX = "execution_orchestrator_"
TOTALS = "_total"


class FigureCollector(Collector):
    """Reads the monitor when it is scraped; costs nothing otherwise."""

    def __init__(self, monitor: LiveMonitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterator[Any]:
        """Yield every metric of docs/metrics.md."""
        for name, value in self._monitor.node_figures().items():
            if name.endswith(TOTALS):
                counter = CounterMetricFamily(PREFIX + name.removesuffix(TOTALS), name)
                counter.add_metric([], value)
                yield counter
            else:
                yield GaugeMetricFamily(PREFIX + name, name.replace("_", " "), value=value)
        finished = CounterMetricFamily(
            PREFIX + "executions", "executions by final status", labels=["status"]
        )
        for status, count in self._monitor.finished_counts().items():
            finished.add_metric([status], float(count))
        yield finished
        yield from self._executions()
        yield from _labelled("capability", self._monitor.capability_figures())
        yield from _labelled("resource", self._monitor.resource_figures())

    def _executions(self) -> Iterator[Any]:
        figures = {
            record.execution_id: compute_figures(record, now=self._monitor.now())
            for record in self._monitor.records()
            if record.ended is None
        }
        yield from _labelled("execution", figures)


def _labelled(
    label: str, figures: Mapping[str, ExecutionFigures | CapabilityFigures | ResourceFigures]
) -> Iterator[Any]:
    """Yield a family for each figure, with a sample for each name."""
    families: dict[str, GaugeMetricFamily] = {}
    for name, of_one in figures.items():
        for figure, value in numbers_of(of_one).items():
            family = families.setdefault(
                figure,
                GaugeMetricFamily(
                    f"{PREFIX}{label}_{figure}", figure.replace("_", " "), labels=[label]
                ),
            )
            family.add_metric([name], value)
    yield from families.values()


class PrometheusEndpoint:
    """Serves ``/metrics`` on a port; 0 takes a free one."""

    def __init__(self, monitor: LiveMonitor, *, port: int, host: str = "127.0.0.1") -> None:
        registry = CollectorRegistry()
        registry.register(FigureCollector(monitor))
        self._server, self._thread = start_http_server(port, addr=host, registry=registry)
        self.url = f"http://{host}:{self._server.server_port}/metrics"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5.0)
