"""The state entities see while a system is launched."""

from __future__ import annotations

import asyncio
import collections
import os
from collections.abc import Iterable, Mapping
from typing import Any

from .event import Event
from .event_handler import BaseEventHandler
from .substitution import Substitution


class LaunchContextLocals:
    """A read-only view of the locals: `context.locals.event`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        """Return a local. Raises AttributeError naming those that exist."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            known = ", ".join(sorted(self._values)) or "none"
            raise AttributeError(
                f"context.locals has no attribute '{name}'; it has: {known}"
            ) from None


class LaunchContext:
    """Launch configurations, environment, locals, event handlers and the event queue."""

    def __init__(self, *, argv: Iterable[str] | None = None, noninteractive: bool = False) -> None:
        self.argv = list(argv) if argv is not None else []
        self.noninteractive = noninteractive
        self._event_queue: asyncio.Queue[Event] = asyncio.Queue()
        self._event_handlers: collections.deque[BaseEventHandler] = collections.deque()
        self.__globals: dict[str, Any] = {}
        self.__locals: dict[str, Any] = {}
        self.__locals_stack: list[dict[str, Any]] = []
        # Values are texts, except the few containers launch_ros keeps here to get them scoped.
        self.__configurations: dict[str, Any] = {}
        self.__configurations_stack: list[dict[str, Any]] = []
        self.__environment_stack: list[dict[str, str]] = []
        self.is_shutdown = False
        #: The running asyncio loop; None while the launch service does not run.
        self.asyncio_loop: Any = None

    def register_event_handler(self, event_handler: BaseEventHandler, append: bool = False) -> None:
        """Add an event handler in front of the others, or behind them."""
        if append:
            self._event_handlers.append(event_handler)
        else:
            self._event_handlers.appendleft(event_handler)

    def unregister_event_handler(self, event_handler: BaseEventHandler) -> None:
        """Remove an event handler. Raises ValueError if it is not registered."""
        self._event_handlers.remove(event_handler)

    def emit_event_sync(self, event: Event) -> None:
        """Queue an event. Call it from the loop's thread only."""
        self._event_queue.put_nowait(event)

    async def emit_event(self, event: Event) -> None:
        """Queue an event."""
        await self._event_queue.put(event)

    def extend_globals(self, extra: Mapping[str, Any]) -> None:
        """Add locals that stay visible until the end."""
        self.__globals.update(extra)

    def extend_locals(self, extra: Mapping[str, Any]) -> None:
        """Add locals that stay visible until the current scope ends."""
        self.__locals.update(extra)

    @property
    def locals(self) -> LaunchContextLocals:
        """The locals, as attributes."""
        return LaunchContextLocals(self.get_locals_as_dict())

    def get_locals_as_dict(self) -> dict[str, Any]:
        """Return the locals, globals included."""
        return {**self.__globals, **self.__locals}

    def _push_locals(self) -> None:
        self.__locals_stack.append(dict(self.__locals))

    def _pop_locals(self) -> None:
        if not self.__locals_stack:
            raise RuntimeError("locals popped more often than pushed")
        self.__locals = self.__locals_stack.pop()

    @property
    def launch_configurations(self) -> dict[str, Any]:
        """The launch configurations of the current scope."""
        return self.__configurations

    def _push_launch_configurations(self) -> None:
        self.__configurations_stack.append(dict(self.__configurations))

    def _pop_launch_configurations(self) -> None:
        if not self.__configurations_stack:
            raise RuntimeError("launch configurations popped more often than pushed")
        self.__configurations = self.__configurations_stack.pop()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the processes started from here on."""
        return os.environ  # type: ignore[return-value]

    def _push_environment(self) -> None:
        self.__environment_stack.append(dict(os.environ))

    def _pop_environment(self) -> None:
        if not self.__environment_stack:
            raise RuntimeError("environment popped more often than pushed")
        self.__restore_environment(self.__environment_stack.pop())

    @staticmethod
    def __restore_environment(wanted: Mapping[str, str]) -> None:
        """Make the process environment equal to a recorded one, touching only differences."""
        for name in set(os.environ) - set(wanted):
            del os.environ[name]
        os.environ.update(
            {name: value for name, value in wanted.items() if os.environ.get(name) != value}
        )

    def perform_substitution(self, substitution: Substitution) -> str:
        """Compute a substitution in this context."""
        return substitution.perform(self)
