"""The ExecuteCommand action server: goals in, feedback at a bounded rate, results out.

A goal is accepted once it is in the journal, and rejected if it cannot be written there. What
cannot be taken in for another reason, and a plan that turns out to be wrong, ends in a result: only
a result can carry the list of issues. The goal handle is executed at the very end, with a callback
that only hands the result over: no thread and no polled coroutine waits while the execution runs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from rclpy.action import ActionServer, CancelResponse, GoalResponse

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.bridge import Bridge, ServiceCallTimeoutError
from execution_orchestrator.ros.interface.goal_registry import GoalRegistry, WaitingGoal
from execution_orchestrator.ros.interface.kept_results import KeptResults
from execution_orchestrator.ros.service_quality import BURST
from execution_orchestrator.storage.journal import JournalEntry, StorageError

log = logging.getLogger(__name__)
ANSWER_TIMEOUT = 5.0  # seconds until a goal that cannot be journalled is rejected
SUCCESS = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.PARTIALLY_COMPLETED})


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of a goal request: an execution to wait for, or a result at once."""

    execution_id: str
    result: Any = None


class ExecutionBackend(Protocol):
    """What the action server needs of the node."""

    async def begin(self, request: Any) -> Begun:
        """Take a goal in durably, attach it to an execution, or say at once what is wrong.

        Raises:
            StorageError: the journal cannot be read or written.

        """

    async def try_out(self, request: Any) -> Any:
        """Return the result message of a dry run or a rehearsal."""

    def cancel(self, execution_id: str, reason: str) -> None:
        """Cancel an execution."""

    def feedback(self, execution_id: str, entries: list[JournalEntry]) -> Any:
        """Return the current feedback message, None if there is none."""

    def result(self, execution_id: str) -> Any:
        """Return the result message of an execution, None before its end."""


class ExecuteCommandServer:
    """Serves ``execute_command``. The methods are called on the loop's thread."""

    def __init__(
        self,
        node: Any,
        name: str,
        bridge: Bridge,
        backend: ExecutionBackend,
        *,
        feedback_period: float,
        result_timeout: float,
        results: KeptResults,
        callback_group: Any,
    ) -> None:
        self._results = results
        self._bridge = bridge
        self._backend = backend
        self._period = feedback_period
        self._goals = GoalRegistry()
        # What was promised to a goal, until rclpy hands its handle over: by identity of its
        # request, which is all that a goal callback is given.
        self._begun: dict[int, Begun] = {}
        self._early_cancels: set[bytes] = set()
        self._dry_runs: dict[bytes, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._closing = False
        self._server = ActionServer(
            node,
            ExecuteCommand,
            name,
            execute_callback=lambda _: ExecuteCommand.Result(),
            goal_callback=self._on_goal,
            handle_accepted_callback=lambda handle: bridge.post(self._on_accepted, handle),
            cancel_callback=self._on_cancel,
            callback_group=callback_group,
            result_timeout=int(result_timeout),
            goal_service_qos_profile=BURST,
            result_service_qos_profile=BURST,
            cancel_service_qos_profile=BURST,
            feedback_pub_qos_profile=BURST,
        )
        self._feedback_task = bridge.loop.create_task(self._send_feedback(), name="feedback")

    def note(self, execution_id: str, entry: JournalEntry) -> None:
        """Tell the goals that wait for an execution about an event."""
        for goal in self._goals.waiting_for(execution_id):
            goal.note(entry)
            self._news.set()

    def progressed(self, execution_id: str) -> None:
        """Tell the goals that wait for an execution that it got on without an event."""
        for goal in self._goals.waiting_for(execution_id):
            goal.due = True
            self._news.set()

    def ended(self, execution_id: str) -> None:
        """Give the goals that wait for an execution their result."""
        goals = self._goals.take(execution_id)
        if not goals:
            return
        result = self._backend.result(execution_id)
        for goal in goals:
            self._finish(goal.handle, result)

    def close(self) -> None:
        """Take no more goals and end dry runs; goals that wait keep their handles."""
        self._closing = True
        for run in list(self._dry_runs.values()):
            run.cancel()
        self._feedback_task.cancel()

    # ------------------------------------------------------------------ rclpy's threads

    def _on_goal(self, request: Any) -> GoalResponse:
        if self._closing:
            return GoalResponse.REJECT
        if request.dry_run or request.rehearse:
            return GoalResponse.ACCEPT
        given_up = threading.Event()
        try:
            begun = self._bridge.call(self._begin(request, given_up), ANSWER_TIMEOUT)
        except (ServiceCallTimeoutError, StorageError) as failure:
            given_up.set()
            log.error("a goal is rejected, it cannot be written down: %s", failure)
            return GoalResponse.REJECT
        except Exception:
            log.exception("a goal is rejected, it could not be begun")
            return GoalResponse.REJECT
        self._begun[id(request)] = begun
        return GoalResponse.ACCEPT

    def _on_cancel(self, handle: Any) -> CancelResponse:
        self._bridge.post(self._cancel, handle)
        return CancelResponse.ACCEPT

    # ------------------------------------------------------------------ the loop

    async def _begin(self, request: Any, given_up: threading.Event) -> Begun:
        begun = await self._backend.begin(request)
        if given_up.is_set() and begun.result is None:
            # The journal took so long that the goal was rejected.
            self._backend.cancel(begun.execution_id, "its goal was rejected meanwhile")
        return begun

    def _on_accepted(self, handle: Any) -> None:
        begun = self._begun.pop(id(handle.request), None)
        identity = bytes(handle.goal_id.uuid)
        if begun is None:
            run = self._bridge.loop.create_task(self._dry_run(handle))
            self._dry_runs[identity] = run
            run.add_done_callback(lambda _: self._dry_runs.pop(identity, None))
            return
        cancelled = identity in self._early_cancels
        self._early_cancels.discard(identity)
        # rclpy keeps the request as long as the result; what it said is in the journal.
        handle.request.command = handle.request.plan = handle.request.context = ""
        result = begun.result or self._backend.result(begun.execution_id)
        if result is not None:
            self._finish(handle, result)
            return
        self._goals.add(handle, begun.execution_id).due = True
        self._news.set()
        if cancelled:
            self._cancel(handle)

    async def _dry_run(self, handle: Any) -> None:
        try:
            result = await self._backend.try_out(handle.request)
        except asyncio.CancelledError:
            result = ExecuteCommand.Result(message="the dry run was cancelled")
            result.status.value = ExecutionStatus.CANCELLED
        except Exception as failure:
            log.exception("a dry run failed")
            result = ExecuteCommand.Result(message=f"the dry run failed: {failure}")
            result.status.value = ExecutionStatus.FAILED
        self._finish(handle, result)

    def _cancel(self, handle: Any) -> None:
        goal = self._goals.of(handle)
        if goal is None:
            identity = bytes(handle.goal_id.uuid)
            if identity in self._dry_runs:
                self._dry_runs[identity].cancel()
            elif id(handle.request) in self._begun:
                # It overtook the handle on another of rclpy's threads.
                self._early_cancels.add(identity)
            return
        self._backend.cancel(goal.execution_id, "its client cancelled the goal")

    def _finish(self, handle: Any, result: Any) -> None:
        def hand_over(finished: Any) -> Any:
            if result.status.value in SUCCESS:
                finished.succeed()
            elif result.status.value == ExecutionStatus.CANCELLED and finished.is_cancel_requested:
                finished.canceled()
            else:
                finished.abort()
            self._results.add(result)
            return result

        handle.execute(hand_over)

    async def _send_feedback(self) -> None:
        loop = self._bridge.loop
        while True:
            await self._news.wait()
            self._news.clear()
            now = loop.time()
            wait = None
            for goal in self._goals.all():
                if not goal.due:
                    continue
                if now - goal.sent >= self._period:
                    self._publish(goal, now)
                else:
                    wait = self._period
            if wait is not None:
                self._news.set()
                await asyncio.sleep(wait)

    def _publish(self, goal: WaitingGoal, now: float) -> None:
        goal.sent = now
        feedback = self._backend.feedback(goal.execution_id, goal.take_entries())
        if feedback is None:
            return
        try:
            goal.handle.publish_feedback(feedback)
        except Exception:
            # The client may be gone, and its goal with it.
            log.debug("feedback of %s was not sent", goal.execution_id, exc_info=True)
