"""Tools: capabilities that compute something instead of moving something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

Tool = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
ENTRY_POINTS = "execution_orchestrator.tools"


class ToolRegistry:
    """Tools by the name their capability's interface has."""

    def __init__(self, tools: Mapping[str, Tool] | None = None) -> None:
        self._tools = dict(tools or {})

    def register(self, name: str, tool: Tool) -> None:
        """Add a tool.

        Raises:
            ValueError: the name is taken.

        """
        if name in self._tools:
            raise ValueError(f"a tool called {name!r} exists already")
        self._tools[name] = tool

    def load_entry_points(self) -> None:
        """Add the tools of installed distributions, by their entry points."""
        for entry in entry_points(group=ENTRY_POINTS):
            self.register(entry.name, entry.load())

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools."""
        return self._tools
