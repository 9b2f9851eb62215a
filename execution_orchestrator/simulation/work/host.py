"""Where the work of a simulated server is offered: a ROS node, or a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from execution_orchestrator.simulation.work.jobs import Job

Work = Callable[[Job], Any]
Answer = Callable[[Any, Any], Any]  # request, response -> response


class Log(Protocol):
    """The log of a server."""

    def info(self, message: str) -> Any:
        """Log a message."""

    def warning(self, message: str) -> Any:
        """Log a warning."""


class Host(Protocol):
    """Offers actions and services, and knows the time."""

    @property
    def rate(self) -> float:
        """Simulated seconds per second of `now`."""

    @property
    def log(self) -> Log:
        """The server's log."""

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""

    def stamp(self) -> Any:
        """builtin_interfaces/Time of what is sent now."""

    def serve(
        self,
        action_type: Any,
        name: str,
        work: Work,
        *,
        failure: int,
        preempts: bool = False,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Offer an action; ``failure`` is its error code for everything that has none.

        ``work`` returns the result or raises JobError. A new goal ends the one at work if it
        ``preempts``, as Nav2's servers do; otherwise goals run side by side. ``stop`` brings to
        rest what a goal set in motion; it is called with the action's name when one ends early.
        """

    def offer(self, service_type: Any, name: str, answer: Answer) -> None:
        """Offer a service."""
