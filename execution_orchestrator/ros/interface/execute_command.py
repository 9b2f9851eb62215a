"""The ExecuteCommand action server: goals in, feedback at a bounded rate, results out.

A goal is accepted even when its plan is wrong, because only a result can carry the list of issues;
it is then aborted at once. The goal handle is executed at the very end, with a callback that only
hands the result over: no thread and no polled coroutine waits while the execution runs.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Protocol

from rclpy.action import ActionServer, CancelResponse, GoalResponse

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.interface.goal_registry import GoalRegistry, WaitingGoal
from execution_orchestrator.ros.service_quality import BURST
from execution_orchestrator.storage.journal import JournalEntry

log = logging.getLogger(__name__)
SUCCESS = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.PARTIALLY_COMPLETED})


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of a goal request: an execution to wait for, or a result at once."""

    execution_id: str
    result: Any = None


class ExecutionBackend(Protocol):
    """What stands behind the action."""

    async def begin(self, request: Any) -> Begun:
        """Start an execution, attach to one, or say at once what is wrong."""

    async def cancel(self, execution_id: str) -> None:
        """Cancel an execution because its client asked for it."""

    def feedback(self, execution_id: str, entries: list[JournalEntry]) -> Any:
        """Return the feedback message of this moment, None when there is nothing to tell."""

    def result(self, execution_id: str) -> Any:
        """Return the result message of an execution that has ended."""


class ExecuteCommandServer:
    """Serves ``~/execute_command``. The methods are called on the loop's thread."""

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        backend: ExecutionBackend,
        *,
        feedback_period: float,
        result_timeout: float,
        callback_group: Any,
    ) -> None:
        self._bridge = bridge
        self._backend = backend
        self._period = feedback_period
        self._goals = GoalRegistry()
        self._beginning: dict[bytes, asyncio.Task[None]] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._closing = False
        self._server = ActionServer(
            node,
            ExecuteCommand,
            "~/execute_command",
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
        """Take no more goals and make no more plans; goals that wait keep their handles."""
        self._closing = True
        for begin in list(self._beginning.values()):
            begin.cancel()
        self._feedback_task.cancel()

    # ------------------------------------------------------------------ rclpy's threads

    def _on_goal(self, _: Any) -> GoalResponse:
        return GoalResponse.REJECT if self._closing else GoalResponse.ACCEPT

    def _on_cancel(self, handle: Any) -> CancelResponse:
        self._bridge.post(self._cancel, handle)
        return CancelResponse.ACCEPT

    # ------------------------------------------------------------------ the loop

    def _on_accepted(self, handle: Any) -> None:
        identity = bytes(handle.goal_id.uuid)
        task = self._bridge.loop.create_task(self._begin(handle))
        self._beginning[identity] = task
        task.add_done_callback(lambda _: self._beginning.pop(identity, None))

    async def _begin(self, handle: Any) -> None:
        try:
            begun = await self._backend.begin(handle.request)
        except asyncio.CancelledError:
            # Nothing was submitted yet: a plan is submitted in one go when it is valid.
            result = ExecuteCommand.Result(message="cancelled while its plan was being made")
            result.status.value = ExecutionStatus.CANCELLED
            self._finish(handle, result)
            return
        except Exception as failure:
            log.exception("a goal could not be begun")
            result = ExecuteCommand.Result(message=f"the goal could not be begun: {failure}")
            result.status.value = ExecutionStatus.FAILED
            self._finish(handle, result)
            return
        if begun.result is not None:
            self._finish(handle, begun.result)
            return
        self._goals.add(handle, begun.execution_id).due = True
        self._news.set()

    def _cancel(self, handle: Any) -> None:
        goal = self._goals.of(handle)
        if goal is None:
            # Its plan is still being made or validated; there is no execution yet.
            begin = self._beginning.get(bytes(handle.goal_id.uuid))
            if begin is not None:
                begin.cancel()
            return
        task = self._bridge.loop.create_task(self._backend.cancel(goal.execution_id))
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    def _finish(self, handle: Any, result: Any) -> None:
        def hand_over(finished: Any) -> Any:
            if result.status.value in SUCCESS:
                finished.succeed()
            elif result.status.value == ExecutionStatus.CANCELLED and finished.is_cancel_requested:
                finished.canceled()
            else:
                finished.abort()
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
