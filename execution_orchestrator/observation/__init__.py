"""The read model: one record per execution and one fold of the events into it.

Every display is a view of it: topics, results, the web page, the terminal, markers, figures, report
and history.
"""

from execution_orchestrator.observation.observation import Observation
from execution_orchestrator.observation.record import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
    Replanning,
    ScheduleRecord,
    ServerRecord,
)

__all__ = [
    "ActionRecord",
    "AttemptRecord",
    "ExecutionRecord",
    "LeaseRecord",
    "Observation",
    "RecoveryRecord",
    "Replanning",
    "ScheduleRecord",
    "ServerRecord",
]
