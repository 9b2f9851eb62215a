"""What the web page needs of the node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

JsonObject = Mapping[str, Any]
EventListener = Callable[[JsonObject], None]


class WebSource(Protocol):
    """Everything is plain JSON data; methods may be called from the web server's thread."""

    def snapshot(self) -> JsonObject:
        """Return the whole node at this moment: executions, resources, servers, alerts."""
        ...

    def execution(self, execution_id: str) -> JsonObject | None:
        """Return one execution with its plan graph and its timeline, or None if there is none."""
        ...

    def events(self, execution_id: str, after: int, limit: int) -> list[JsonObject]:
        """Return journal events with a sequence above ``after``, oldest first."""
        ...

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call ``listener`` for every new event, from any thread; returns the way to stop it."""
        ...

    def validate(self, plan: str, context: str) -> JsonObject:
        """Validate a plan document; blocking, so the app calls it in a worker thread."""
        ...

    def act(self, verb: str, arguments: JsonObject) -> tuple[bool, str]:
        """Do what a button says (pause, resume, cancel ...); blocking, bounded by a timeout."""
        ...
