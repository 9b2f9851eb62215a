"""The figures of docs/metrics.md: one computation for running and for ended executions."""

from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.statistics import DurationStatistics

__all__ = ["DurationStatistics", "ExecutionFigures", "compute_figures"]
