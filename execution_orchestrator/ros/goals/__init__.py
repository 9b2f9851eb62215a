"""Goals on action servers: sent under our own UUIDs, watched, cancelled and adopted again."""

from execution_orchestrator.ros.goals.events import GoalListener
from execution_orchestrator.ros.goals.pool import ClientPool
from execution_orchestrator.ros.goals.settings import PoolSettings

__all__ = ["ClientPool", "GoalListener", "PoolSettings"]
