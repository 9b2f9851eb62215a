"""What multi-step capabilities and recovery strategies may do to the robot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol
from uuid import UUID


class GoalEnd(Enum):
    """The different ways a goal can end; they are never one "failure"."""

    SUCCEEDED = "succeeded"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    LOST = "lost"
    NO_SERVER = "no_server"
    OTHER_TYPE = "other_type"  # a server of that name has another action type


@dataclass(frozen=True, slots=True)
class GoalOutcome:
    """How a goal ended; ``result`` are the fields of the result message.

    ``reason`` of one that succeeded says why there is no result.
    """

    end: GoalEnd
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class RobotCallError(RuntimeError):
    """A service that is not there, does not answer in time, or cannot take the request."""


class RobotPort(Protocol):
    """Goals, services and topics by name; relative names are resolved in the node's namespace."""

    async def run_action(
        self,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID | None = None,
        adopt: bool = False,
        anew: bool = True,
        on_feedback: Callable[[Mapping[str, Any]], None] | None = None,
        unconfirmed: Callable[[str], None] | None = None,
        ended_late: Callable[[GoalOutcome], None] | None = None,
    ) -> GoalOutcome:
        """Send a goal and wait for its end, at most ``timeout`` seconds as the robot counts them.

        With ``adopt`` the server is first asked whether it knows ``goal_id`` already; if not, the
        goal is sent, unless ``anew`` is false: then it counts as lost. When the
        caller is cancelled or the time is over, the goal is cancelled on the server, and its
        word awaited for a moment. If that does not come, or the server falls silent,
        ``unconfirmed`` hears why, the call returns no earlier than the goal has ended, and
        ``ended_late`` hears how.
        """

    async def call_service(
        self, interface_type: str, name: str, request: Mapping[str, Any], *, timeout: float
    ) -> Mapping[str, Any]:
        """Fields of a service's response.

        Raises:
            RobotCallError: not there, no answer within ``timeout`` seconds, or a wrong request.

        """

    async def publish(self, interface_type: str, name: str, message: Mapping[str, Any]) -> None:
        """Publish one message.

        Raises:
            RobotCallError: the type is not installed or a field is wrong.

        """

    async def wait_for_subscribers(
        self, interface_type: str, name: str, count: int, *, timeout: float
    ) -> bool:
        """Wait until a topic has so many subscribers; False after ``timeout`` seconds.

        Raises:
            RobotCallError: the type is not installed.

        """

    async def wait_for_server(
        self, kind: str, interface_type: str, name: str, *, timeout: float
    ) -> bool:
        """Wait until an action server or a service is there; False after ``timeout`` seconds."""

    def world(self) -> Mapping[str, Any]:
        """Snapshot of what is known: ``robot`` (pose, battery, joints ...) and ``objects``."""
