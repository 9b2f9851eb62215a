"""Tools: capabilities that compute something instead of moving something."""

from execution_orchestrator.capabilities.tools.registry import Tool, ToolError, ToolRegistry
from execution_orchestrator.capabilities.tools.runner import ToolRunner

__all__ = ["Tool", "ToolError", "ToolRegistry", "ToolRunner"]
