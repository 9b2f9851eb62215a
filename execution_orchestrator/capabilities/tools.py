"""Tools: capabilities that compute something instead of moving something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

from execution_orchestrator.capabilities.steps.context import MultiStepCapability
from execution_orchestrator.capabilities.steps.pick_up_object import PickUpObject
from execution_orchestrator.capabilities.steps.place_object import PlaceObject

Tool = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
TOOLS = "execution_orchestrator.tools"
CAPABILITIES = "execution_orchestrator.capabilities"


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
        """Add the tools of installed distributions (entry points ``execution_orchestrator.tools``)."""
        for entry in entry_points(group=TOOLS):
            self.register(entry.name, entry.load())

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools."""
        return self._tools


def multi_step_capabilities() -> dict[str, MultiStepCapability]:
    """Shipped multi-step capabilities and those of entry points, by name."""
    found: dict[str, MultiStepCapability] = {
        "pick_up_object": PickUpObject(),
        "place_object": PlaceObject(),
    }
    for entry in entry_points(group=CAPABILITIES):
        found[entry.name] = entry.load()()
    return found
