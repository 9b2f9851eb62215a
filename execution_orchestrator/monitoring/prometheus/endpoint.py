"""Serves ``/metrics`` over HTTP, on loopback unless asked otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.prometheus.happened import WhatHappened
from execution_orchestrator.monitoring.prometheus.now import WhatIsNow


class PrometheusEndpoint:
    """Serves ``/metrics`` on a port; 0 takes a free one.

    ``capacities`` are those of the resources, by name; ``capabilities`` and ``strategies`` are
    those of the robot, whose series are there before anything happens.
    """

    def __init__(
        self,
        monitor: LiveMonitor,
        *,
        capacities: Mapping[str, float] | None = None,
        capabilities: Iterable[str] = (),
        strategies: Iterable[str] = (),
        port: int,
        host: str = "127.0.0.1",
    ) -> None:
        # The library's *_created series of each counter, which no dashboard reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        happened = WhatHappened(
            monitor,
            registry,
            capabilities=capabilities,
            resources=capacities or (),
            strategies=strategies,
        )
        registry.register(WhatIsNow(monitor, capacities or {}))
        self._unsubscribe = monitor.subscribe(happened)
        self._server, self._thread = start_http_server(port, addr=host, registry=registry)
        self.url = f"http://{host}:{self._server.server_port}/metrics"

    def stop(self) -> None:
        """Stop counting and serving."""
        self._unsubscribe()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5.0)
