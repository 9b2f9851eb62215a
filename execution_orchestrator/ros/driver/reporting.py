"""From what happens to a goal to the engine's inputs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
from action_msgs.msg import GoalStatus

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.feedback_mapping import FeedbackMapper, journalled
from execution_orchestrator.capabilities.result_mapping import NOT_KEPT
from execution_orchestrator.engine.attempts import MISSED_UNKNOWN
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.hindrances import CODES
from execution_orchestrator.engine.inputs import (
    CancelRefused,
    GoalAccepted,
    GoalCancelled,
    GoalFailed,
    GoalLost,
    GoalProgress,
    GoalRejected,
    GoalSucceeded,
    Input,
)
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.driver.arrival import NOT_PASSED
from execution_orchestrator.ros.goals.events import Loss
from execution_orchestrator.ros.messages.to_fields import fields_of_message

log = logging.getLogger(__name__)
Report = Callable[[Input], None]
OutputSeen = Callable[[Dispatch, Mapping[str, Any]], None]
# An output with the objects in it in a frame that stays.
Placed = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
# Compares the robot's place with its target, and calls back with more output and the failure.
Arrived = Callable[[Callable[[dict[str, Any], ErrorInfo | None], None]], None]


class Explain(Protocol):
    """Finds out why a goal ended with an error, and calls back with the error and its cause.

    ``since`` is when the goal began, in seconds of the monotonic clock.
    """

    def __call__(
        self,
        dispatch: Dispatch,
        error: ErrorInfo,
        tell: Callable[[ErrorInfo], None],
        /,
        *,
        since: float,
    ) -> None:
        """Begin; the answer comes on the loop's thread."""


class GoalReporter:
    """Listens to one goal of an action capability."""

    def __init__(
        self,
        dispatch: Dispatch,
        adapter: GenericAdapter,
        report: Report,
        *,
        mapper: FeedbackMapper,
        done: Callable[[], None],
        on_output: OutputSeen,
        placed: Placed,
        loop: asyncio.AbstractEventLoop,
        explain: Explain,
        look_first: Callable[[Dispatch, Callable[[], None]], None],
        server_died: Callable[[str], None],
        server_silent: Callable[[str, Callable[[GoalLost], None]], None],
        still_silent: Callable[[], bool],
        ended_early: Callable[[], None] = lambda: None,
        arrived: Arrived | None = None,
        may_be_done: bool = False,
    ) -> None:
        self._dispatch = dispatch
        self._adapter = adapter
        self._report = report
        self._done = done
        self._on_output = on_output
        self._placed = placed
        self._loop = loop
        self._placing: asyncio.Task[None] | None = None
        self._explain = explain
        self._arrived = arrived
        self._look_first = look_first
        self._server_died = server_died
        self._server_silent = server_silent
        self._still_silent = still_silent
        self._ended_early = ended_early
        # An adopted goal that its server may have done and forgotten since.
        self._may_be_done = may_be_done
        self._mapper = mapper
        self._reached: float | None = None
        self._later_round = False  # it counts from the beginning of its list again
        self._since = time.monotonic()
        self._heard = 0  # messages of the server while it works
        self._unknown = ""  # what is not known of the output of a success

    def accepted(self) -> None:
        """Report the acceptance."""
        self._report(GoalAccepted(goal_id=self._dispatch.goal_id))

    def rejected(self) -> None:
        """Report the rejection."""
        self._done()
        plain = ErrorInfo(
            type=ErrorType.EXECUTION, code="GOAL_REJECTED", message="the action server rejected it"
        )
        self._explain(
            self._dispatch,
            plain,
            lambda error: self._report(
                GoalRejected(goal_id=self._dispatch.goal_id, reason=error.message, error=error)
            ),
            since=self._since,
        )

    def feedback(self, feedback: Any) -> None:
        """Report progress."""
        self._heard += 1
        fields = fields_of_message(feedback)
        progress = self._mapper(fields)
        goal_id = self._dispatch.goal_id
        if progress.reached is not None:
            self._later_round |= progress.reached < (self._reached or 0.0)
            self._reached = progress.reached
        self._report(
            GoalProgress(
                goal_id=goal_id,
                progress=progress.progress,
                phase=progress.phase,
                remaining=progress.remaining,
                reached=progress.reached,
                feedback=journalled(fields) if self._dispatch.feedback else None,
            )
        )

    def finished(self, status: int, result: Any) -> None:
        """Report success, a typed error, or the cancellation."""
        self._done()
        if status != GoalStatus.STATUS_SUCCEEDED:
            self._ended_early()
        goal_id = self._dispatch.goal_id
        try:
            fields = self._adapter.counted_in_plan(
                fields_of_message(result), self._dispatch.skipped
            )
            output, error = self._adapter.outcome(fields)
            large = f"too large to be kept: {output[NOT_KEPT]}" if NOT_KEPT in output else ""
            unknown = (self._adapter.without_number(fields), large)
            self._unknown = "; ".join(part for part in unknown if part)
        except Exception as failure:
            # A goal whose end is not reported would never end.
            log.exception("the result of %s cannot be read", self._dispatch.capability)
            self._report(
                GoalCancelled(goal_id=goal_id)
                if status == GoalStatus.STATUS_CANCELED
                else failed(
                    goal_id,
                    ErrorType.EXECUTION,
                    "RESULT_UNREADABLE",
                    f"{self._dispatch.capability} has ended, and its result cannot be read: "
                    f"{type(failure).__name__}: {failure}",
                    recoverable=False,
                )
            )
            return
        if status == GoalStatus.STATUS_CANCELED:
            self._report(GoalCancelled(goal_id=goal_id, **self._on_its_way(fields)))
        elif status == GoalStatus.STATUS_SUCCEEDED and error is None:
            undone = self._adapter.missed(fields)
            if undone:
                self._explain(
                    self._dispatch,
                    _incomplete(undone),
                    lambda found: self._incomplete(found, output, fields),
                    since=self._since,
                )
            else:
                self._done_by(output, "")
        elif status == GoalStatus.STATUS_SUCCEEDED and error is not None and self._arrived:
            self._judge_by_place(output, error)
        else:
            blank = fields_of_message(type(result)())
            done = error is None and self._adapter.says_done(fields, blank)
            idle = not (error or self._heard) and self._adapter.may_have_had_nothing_to_do(fields)
            error = error or self._adapter.why_missed(fields) or self._plain_abort()
            undone = self._adapter.missed(fields)
            if undone:
                error = msgspec.structs.replace(error, message=f"{error.message}; {undone}")
            self._explain(
                self._dispatch,
                error,
                lambda found: self._failed(
                    found, output, fields, said_done=done or (idle and _unexplained(found))
                ),
                since=self._since,
            )

    def ended(self, status: int, reason: str) -> None:
        """Report what is known of a goal whose result is lost: how it ended, and no more."""
        self._done()
        goal_id, capability = self._dispatch.goal_id, self._dispatch.capability
        if status != GoalStatus.STATUS_SUCCEEDED:
            self._ended_early()
        result = self._adapter.spec.result
        missed = MISSED_UNKNOWN.format(result.missed.what) if result.missed else ""
        again = bool(self._reached) and result.missed_is("fail")
        passed = missed if self._reached and not again else ""
        if status == GoalStatus.STATUS_CANCELED:
            self._report(GoalCancelled(goal_id=goal_id, missed=passed, anew=again))
        elif status != GoalStatus.STATUS_SUCCEEDED:
            error = msgspec.structs.replace(
                self._plain_abort(),
                message=f"the action server aborted {capability}; why is not known: {reason}",
            )
            self._explain(
                self._dispatch,
                error,
                lambda found: self._report(
                    GoalFailed(goal_id=goal_id, error=found, missed=passed, anew=again)
                ),
                since=self._since,
            )
        elif result.success or result.missed_is("fail"):
            # A field of the result would tell whether it was done: the status does not.
            self._report(
                failed(
                    goal_id,
                    ErrorType.CONNECTIVITY,
                    "GOAL_OUTCOME_UNKNOWN",
                    f"{capability} has ended, and whether it did its work is not known: {reason}",
                    recoverable=self._dispatch.idempotent,
                )
            )
        else:
            self._unknown = f"its output is not known: {reason}"
            self._done_by({"deviation": missed} if missed else {}, "")

    def _incomplete(
        self, error: ErrorInfo, output: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> None:
        """Report that a server left something out, as the capability's rule has it.

        What it left out because a node behind it was missing is done when that is back. Where the
        goals of an action left everything out, nothing was done: the action has failed for what the
        last part was missed for.
        """
        goal_id = self._dispatch.goal_id
        missing = str(error.context.get("missing", ""))
        goes_on_from = self._adapter.goes_on_from(fields)
        if missing and goes_on_from is not None:
            lost = msgspec.structs.replace(error, type=CODES[missing], code=missing)
            reached = float(goes_on_from - self._dispatch.skipped)
            self._report(GoalFailed(goal_id=goal_id, error=lost, reached=reached))
        elif not self._dispatch.goes_on and self._adapter.missed_all(
            fields, self._dispatch.parameters
        ):
            why = self._adapter.why_missed(fields) or error
            message = f"nothing of it was done, {error.message}"
            message += f": {why.message}" if why is not error else ""
            error = msgspec.structs.replace(why, message=message)
            self._report(GoalFailed(goal_id=goal_id, error=error, anew=True))
        elif self._adapter.spec.result.missed_is("fail"):
            again = self._from_first_missed(fields)
            self._report(GoalFailed(goal_id=goal_id, error=error, **again))
        else:
            self._done_by(output, error.message)

    def _done_by(self, output: Mapping[str, Any], undone: str) -> None:
        """Report what a server says it did, once it is known whether the robot is there.

        A server that says itself what it left out may have left out the last place.
        """
        if self._arrived is None:
            self._succeeded(output, undone)
        else:
            self._arrived(
                lambda more, missed: (
                    self._succeeded({**output, **more}, undone)
                    if missed is None or undone
                    else self._report(
                        GoalFailed(
                            goal_id=self._dispatch.goal_id,
                            error=missed,
                            anew=missed.code == NOT_PASSED,
                        )
                    )
                )
            )

    def _judge_by_place(self, output: Mapping[str, Any], error: ErrorInfo) -> None:
        """Report a success that came with an error by where the robot is.

        Nav2's navigator keeps the number of a planning that failed on the way to a place that it
        came to all the same.
        """
        assert self._arrived is not None

        def tell(more: Mapping[str, Any], missed: ErrorInfo | None) -> None:
            # Without a pose, or away from the target, the error is taken as it is.
            if more and missed is None and not more.get("deviation"):
                warning = f"the robot is at its target, but its server says: {error.message}"
                self._tell_success({**output, **more}, "", warning)
            else:
                self._explain(
                    self._dispatch,
                    error,
                    lambda found: self._report(
                        GoalFailed(goal_id=self._dispatch.goal_id, error=found)
                    ),
                    since=self._since,
                )

        self._arrived(tell)

    def _from_first_missed(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return where the next goal begins, so that what this one missed is done."""
        first = None if self._later_round else self._adapter.first_missed(fields)
        if first is None:
            return {"anew": True}
        return {"reached": float(first - self._dispatch.skipped)}

    def _on_its_way(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a goal that did not come to its end left out of what it came by.

        Where nothing may be left out, the next goal does that, too.
        """
        reached = None if self._reached is None else self._reached + self._dispatch.skipped
        left_out = self._adapter.left_out_before(fields, reached, later_round=self._later_round)
        undone = self._adapter.undone(left_out)
        if undone and self._adapter.spec.result.missed_is("fail"):
            return self._from_first_missed(left_out)
        return {
            "missed": self._adapter.missed(left_out),
            "undone": undone,
            "partial": bool(undone) and self._adapter.spec.result.missed_is("partial"),
            "left_out": self._adapter.output_of_missed(left_out) or None,
        }

    def _failed(
        self,
        error: ErrorInfo,
        output: Mapping[str, Any],
        fields: Mapping[str, Any],
        *,
        said_done: bool,
    ) -> None:
        """Report an error, unless a server that gives no reason says itself that it is done."""
        goal_id = self._dispatch.goal_id
        heard = self._adapter.heard_done(error.said)
        done = said_done or heard
        # Who used the robot a moment ago, or a node that has just been started, has no part in it.
        if done and error.context.get("was", error.code) == "GOAL_ABORTED":
            self._on_output(self._dispatch, output)
            warning = (
                f"the server says that {self._dispatch.capability} is done, although it aborted "
                "the goal"
            )
            parts = (warning, heard, self._unknown)
            warning = "; ".join(part for part in parts if part)
            self._report(GoalSucceeded(goal_id=goal_id, output=output, warning=warning))
        else:
            self._report(GoalFailed(goal_id=goal_id, error=error, **self._on_its_way(fields)))

    def _succeeded(self, output: Mapping[str, Any], undone: str) -> None:
        if output.get("objects"):
            self._placing = self._loop.create_task(self._succeeded_with_objects(output, undone))
        else:
            self._tell_success(output, undone)

    async def _succeeded_with_objects(self, output: Mapping[str, Any], undone: str) -> None:
        placed = output
        try:
            placed = await self._placed(output)
        except Exception:
            log.exception("the objects of %s keep their frames", self._dispatch.key)
        self._tell_success(placed, undone)

    def _tell_success(self, output: Mapping[str, Any], undone: str, warning: str = "") -> None:
        self._on_output(self._dispatch, output)
        deviations = tuple(str(one) for one in (undone, output.get("deviation")) if one)
        self._report(
            GoalSucceeded(
                goal_id=self._dispatch.goal_id,
                output=output,
                deviations=deviations,
                warning="; ".join(part for part in (warning, self._unknown) if part),
                partial=bool(undone) and self._adapter.spec.result.missed_is("partial"),
            )
        )

    def lost(self, loss: Loss, reason: str) -> None:
        """Report that the outcome of the goal is unknown, or that there is no server."""
        self._done()
        goal_id = self._dispatch.goal_id
        if loss is Loss.NO_SERVER:
            error = ErrorInfo(
                type=ErrorType.CONNECTIVITY,
                code="SERVER_UNAVAILABLE",
                message=reason,
                recoverable=True,
            )
            self._report(GoalFailed(goal_id=goal_id, error=error))
        elif loss is Loss.OTHER_TYPE:
            error = ErrorInfo(
                type=ErrorType.VALIDATION,
                code="SERVER_TYPE_MISMATCH",
                message=reason,
                recoverable=False,
            )
            self._report(GoalFailed(goal_id=goal_id, error=error))
        elif loss is Loss.NEVER_SEEN and self._may_be_done:
            self._report(GoalFailed(goal_id=goal_id, error=self._outcome_unknown()))
        elif loss is Loss.NOT_SENT:
            self._report(GoalCancelled(goal_id=goal_id))
        elif loss in (Loss.SERVER_GONE, Loss.FORGOTTEN, Loss.UNREACHABLE):
            self._look_first(self._dispatch, lambda: self._server_died(reason))
        else:
            self._report(
                GoalLost(goal_id=goal_id, reason=reason, never_seen=loss is Loss.NEVER_SEEN)
            )

    def silent(self, reason: str) -> None:
        """Report that the goal may still run and that its server does not answer."""
        heard = self._heard

        def tell(lost: GoalLost) -> None:
            if self._heard == heard and self._still_silent():
                self._report(lost)

        self._look_first(self._dispatch, lambda: self._server_silent(reason, tell))

    def cancel_refused(self, reason: str) -> None:
        """Report that the server goes on."""
        self._report(CancelRefused(goal_id=self._dispatch.goal_id, reason=reason))

    def _outcome_unknown(self) -> ErrorInfo:
        return ErrorInfo(
            type=ErrorType.CONNECTIVITY,
            code="GOAL_OUTCOME_UNKNOWN",
            message=(
                f"{self._dispatch.capability} may have been done while this node was away: its "
                "server does not remember the goal, and doing it again could do it twice"
            ),
            recoverable=False,
        )

    def _plain_abort(self) -> ErrorInfo:
        return ErrorInfo(
            type=ErrorType.EXECUTION,
            code="GOAL_ABORTED",
            message=f"the action server aborted {self._dispatch.capability} and gave no reason",
            recoverable=True,
        )


def _unexplained(error: ErrorInfo) -> bool:
    """Whether neither the server nor what is around it says why a goal was aborted."""
    return error.code == "GOAL_ABORTED" and not error.said


def _incomplete(undone: str) -> ErrorInfo:
    return ErrorInfo(
        type=ErrorType.EXECUTION, code="RESULT_INCOMPLETE", message=undone, recoverable=True
    )


def failed(goal_id: str, error_type: ErrorType, code: str, message: str, **more: Any) -> GoalFailed:
    """Make a failure that did not come from a server's result."""
    return GoalFailed(
        goal_id=goal_id,
        error=ErrorInfo(
            type=error_type,
            code=code,
            message=message,
            recoverable=more.pop("recoverable", True),
            context=more,
        ),
    )
