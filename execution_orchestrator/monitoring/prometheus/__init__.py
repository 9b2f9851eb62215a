"""The node's figures for Prometheus; docs/metrics.md lists them."""

from execution_orchestrator.monitoring.prometheus.endpoint import PrometheusEndpoint

__all__ = ["PrometheusEndpoint"]
