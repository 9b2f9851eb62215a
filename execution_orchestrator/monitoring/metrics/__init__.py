"""The figures of docs/metrics.md: one record an execution, one computation for live and history."""

from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.metrics.record import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
)
from execution_orchestrator.monitoring.metrics.statistics import DurationStatistics

__all__ = [
    "ActionRecord",
    "AttemptRecord",
    "DurationStatistics",
    "ExecutionFigures",
    "ExecutionRecord",
    "LeaseRecord",
    "RecoveryRecord",
    "compute_figures",
]
