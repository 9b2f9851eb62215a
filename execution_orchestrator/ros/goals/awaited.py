"""A goal listener whose result can be awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from action_msgs.msg import GoalStatus

from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome
from execution_orchestrator.ros.goals.events import Loss
from execution_orchestrator.ros.messages.to_fields import fields_of_message

ENDS = {
    GoalStatus.STATUS_SUCCEEDED: GoalEnd.SUCCEEDED,
    GoalStatus.STATUS_ABORTED: GoalEnd.ABORTED,
    GoalStatus.STATUS_CANCELED: GoalEnd.CANCELLED,
}
LOSSES = {
    Loss.NO_SERVER: GoalEnd.NO_SERVER,
    Loss.OTHER_TYPE: GoalEnd.OTHER_TYPE,
    Loss.NOT_SENT: GoalEnd.CANCELLED,
}


class AwaitedGoal:
    """Turns what is heard about a goal into one outcome."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_feedback: Callable[[Mapping[str, Any]], None] | None = None,
        unconfirmed: Callable[[str], None] | None = None,
        ended_late: Callable[[GoalOutcome], None] | None = None,
    ) -> None:
        self.outcome: asyncio.Future[GoalOutcome] = loop.create_future()
        self.never_seen = False
        self._on_feedback = on_feedback
        self._unconfirmed = unconfirmed
        self._ended_late = ended_late
        self._doubted = False

    @property
    def watched(self) -> bool:
        """Whether the caller handles a goal that may still run."""
        return self._unconfirmed is not None

    def accepted(self) -> None:
        """Do nothing: the outcome comes later."""

    def rejected(self) -> None:
        """End with REJECTED."""
        self._end(GoalOutcome(GoalEnd.REJECTED, reason="the server rejected the goal"))

    def feedback(self, feedback: Any) -> None:
        """Pass feedback on as plain fields."""
        if self._on_feedback is not None:
            self._on_feedback(fields_of_message(feedback))

    def finished(self, status: int, result: Any) -> None:
        """Complete the outcome with the status and the result."""
        self._end(GoalOutcome(ENDS[status], fields_of_message(result)))

    def ended(self, status: int, reason: str) -> None:
        """Complete the outcome with the status and no result."""
        self._end(GoalOutcome(ENDS[status], reason=f"{ENDS[status].value}, but {reason}"))

    def lost(self, loss: Loss, reason: str) -> None:
        """End with NO_SERVER or LOST."""
        self.never_seen = loss is Loss.NEVER_SEEN
        self._end(GoalOutcome(LOSSES.get(loss, GoalEnd.LOST), reason=reason))

    def silent(self, reason: str) -> None:
        """Report it to the caller that handles it; without one the goal counts as lost."""
        if self._unconfirmed is not None:
            self._doubted = True
            self._unconfirmed(reason)
        else:
            self._end(GoalOutcome(GoalEnd.LOST, reason=reason))

    def cancel_refused(self, reason: str) -> None:
        """Do nothing: the goal runs on, and its outcome still comes."""

    def _end(self, outcome: GoalOutcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)
            if self._doubted and self._ended_late is not None:
                self._ended_late(outcome)
