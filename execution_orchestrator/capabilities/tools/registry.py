"""Tools by name: the shipped ones, those of installed distributions, and those a program adds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.extras import take_additions
from execution_orchestrator.plan.errors import ErrorType

# A plain function runs in a worker thread, a coroutine function on the loop.
Tool = Callable[[Mapping[str, Any]], Mapping[str, Any] | Awaitable[Mapping[str, Any]]]
ENTRY_POINTS = "execution_orchestrator.tools"


class ToolError(Exception):
    """The failure of a tool with a type; raised by tools."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "TOOL_FAILED",
        error_type: ErrorType = ErrorType.EXECUTION,
        recoverable: bool = True,
    ) -> None:
        self.code = code
        self.error_type = error_type
        self.recoverable = recoverable
        super().__init__(message)


class ToolRegistry:
    """Tools by the name their capability's interface has, and why others are missing."""

    def __init__(
        self, tools: Mapping[str, Tool] | None = None, missing: Mapping[str, str] | None = None
    ) -> None:
        self._tools = dict(tools or {})
        self._missing = dict(missing or {})

    def register(self, name: str, tool: Tool) -> None:
        """Add a tool.

        Raises:
            ValueError: the name is taken.

        """
        if name in self._tools:
            raise ValueError(f"a tool called {name!r} exists already")
        self._tools[name] = tool
        self._missing.pop(name, None)

    def load_entry_points(self) -> None:
        """Add the tools of installed distributions; one that cannot be loaded is missing."""
        self._missing |= take_additions(ENTRY_POINTS, "tool", self._take)

    def _take(self, name: str, tool: Any) -> None:
        if not callable(tool):
            raise TypeError(f"{tool!r} is no function")
        self.register(name, tool)

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools."""
        return self._tools

    def usable(self, robot: LoadedRobot) -> LoadedRobot:
        """Return the robot without the capabilities whose tool is missing, and why."""
        gone = {
            name: self._why(spec.interface.name)
            for name, spec in robot.model.capabilities.items()
            if spec.interface.kind == "tool" and spec.interface.name not in self._tools
        }
        if not gone:
            return robot
        left = {n: spec for n, spec in robot.model.capabilities.items() if n not in gone}
        model = robot.model.model_copy(update={"capabilities": left})
        return replace(robot, model=model, unavailable={**robot.unavailable, **gone})

    def _why(self, name: str) -> str:
        known = ", ".join(sorted(self._tools)) or "none"
        return self._missing.get(name, f"no tool is called {name}; there are: {known}")
