"""The planner that asks a language model behind any OpenAI-compatible endpoint."""

from execution_orchestrator.planning.llm.planner import LlmPlanner
from execution_orchestrator.planning.llm.settings import LlmSettings

__all__ = ["LlmPlanner", "LlmSettings"]
