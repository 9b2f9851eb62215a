"""What can happen to a goal, as its owner hears it."""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol


class Loss(Enum):
    """Why the outcome of a goal is unknown."""

    NO_SERVER = "no_server"  # the server never showed up; the goal was not sent
    OTHER_TYPE = "other_type"  # a server of that name has another action type; nothing was sent
    NOT_SENT = "not_sent"  # cancelled before it was sent
    UNREACHABLE = "unreachable"  # the server that may have taken it earlier is not there
    NEVER_SEEN = "never_seen"  # the server is there and does not know the goal
    FORGOTTEN = "forgotten"  # it had accepted the goal and does not know it any more
    SERVER_GONE = "server_gone"  # it died while the goal ran: the graph shows it no more


class GoalListener(Protocol):
    """Callbacks of one goal, on the loop's thread; the last call is its final result."""

    def accepted(self) -> None:
        """The server accepted the goal, or still executes one that was adopted."""

    def rejected(self) -> None:
        """The server rejected the goal. Final."""

    def feedback(self, feedback: Any) -> None:
        """Take a feedback message."""

    def finished(self, status: int, result: Any) -> None:
        """The goal ended with a GoalStatus value and the result message. Final."""

    def ended(self, status: int, reason: str) -> None:
        """The goal ended with a GoalStatus value, and its result is lost. Final."""

    def lost(self, loss: Loss, reason: str) -> None:
        """The outcome of the goal is unknown. Final."""

    def silent(self, reason: str) -> None:
        """The server is silent but not known to be dead: the goal may still run.

        The goal stays watched, and more follows.
        """

    def cancel_refused(self, reason: str) -> None:
        """The server refused to cancel the goal, which runs on."""
