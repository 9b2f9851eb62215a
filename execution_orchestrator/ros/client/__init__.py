"""A client of the orchestrator node for terminals, tests and other programs."""

from execution_orchestrator.ros.client.goal_session import GoalSession
from execution_orchestrator.ros.client.orchestrator_client import (
    OrchestratorClient,
    OrchestratorUnavailableError,
)

__all__ = ["GoalSession", "OrchestratorClient", "OrchestratorUnavailableError"]
