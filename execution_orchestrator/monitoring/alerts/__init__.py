"""Alerts: a metric, a comparison, a threshold and how long it must hold."""

from execution_orchestrator.monitoring.alerts.condition import AlertCondition, Comparison, Severity
from execution_orchestrator.monitoring.alerts.monitor import AlertChange, AlertMonitor

__all__ = ["AlertChange", "AlertCondition", "AlertMonitor", "Comparison", "Severity"]
