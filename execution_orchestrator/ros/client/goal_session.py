"""One ExecuteCommand goal, from the request to its result."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from action_msgs.msg import GoalStatus
from rclpy.action.client import ClientGoalHandle
from unique_identifier_msgs.msg import UUID

from execution_orchestrator.action import ExecuteCommand

PATIENCE = 2.0  # seconds until a goal request without an answer is repeated, then twice as long
MOST_SENT = 6
RESULT_PATIENCE = 1.0  # seconds until the result of a goal that has ended is asked for again
ENDED = frozenset(
    {GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_CANCELED, GoalStatus.STATUS_ABORTED}
)


class GoalSession:
    """What a caller holds while its goal runs; filled by the client's spin thread.

    ``result`` is the ``ExecuteCommand.Result`` message once ``done`` is set, ``status`` the
    ``action_msgs/GoalStatus`` value of the goal. A rejected goal is done without a result, and
    ``failure`` says why. ``state`` gives what the node last said of itself, or None;
    ``on_change`` is called, on the spin thread, whenever something here changes.

    ROS 2 loses requests and answers of services whose two sides have only half found each other. A
    goal without an answer is therefore looked for in what the node publishes of its goals, and sent
    again under the same UUID: a server rejects the UUID of a goal that it has, which never runs
    twice.

    A node that was started again continues the execution, and does not know its goal. The session
    then ends with a ``failure`` that says so: the same goal, sent again with its ``execution_id``
    and ``same_id="attach"``, is for the same execution.
    """

    def __init__(
        self, actions: Any, goal: Any, state: Callable[[], Any], on_change: Callable[[], None]
    ) -> None:
        """Send the goal; its ``execution_id`` is set, so that each request is for one execution."""
        self._actions = actions
        self._goal = goal
        self._state = state
        self._on_change = on_change
        self.answered = threading.Event()
        self.done = threading.Event()
        self.accepted = False
        self.status = 0
        self.result: Any = None
        self.failure = ""
        self.goal_id = uuid4().bytes
        accepted = ExecuteCommand.Impl.SendGoalService.Response(accepted=True)
        self._handle = ClientGoalHandle(actions, UUID(uuid=list(self.goal_id)), accepted)
        self._cancel_wanted = False
        self._lock = threading.Lock()
        self._instance = ""
        self._sent = 0
        self._doubts = 0  # questions left whether a node that was started again knows the goal
        self._patient_until = 0.0
        self._send()

    def cancel(self) -> None:
        """Ask the node to cancel; a goal that it turns out to have later is cancelled then."""
        with self._lock:
            self._cancel_wanted = True
        # It may be accepted without our knowledge.
        self._handle.cancel_goal_async()

    def watch(self, status: int) -> None:
        """Repeat what was not answered; ``status`` is what the node publishes of the goal.

        Called on the spin thread, while the node is there.
        """
        instance = self._state().instance_id if self._state() else ""
        self._instance = self._instance or instance
        if self.accepted and instance != self._instance:
            # The node whose state came last before the answer need not be the one that accepted it.
            self._instance, self._doubts, self._patient_until = instance, MOST_SENT, 0.0
        if not self.answered.is_set() and status != GoalStatus.STATUS_UNKNOWN:
            self._accept()
        if self.done.is_set() or time.monotonic() < self._patient_until:
            return
        if self.accepted:
            if status in ENDED:
                self._ask_result(RESULT_PATIENCE)
            elif self._doubts:
                self._ask_result(PATIENCE * 2.0 ** (MOST_SENT - self._doubts))
                self._doubts -= 1
        elif instance != self._instance:
            name = self._goal.execution_id
            self._finish(f"the node was started again before it answered; it may know {name}")
        elif self._sent == MOST_SENT:
            self._finish(f"the node answered none of {MOST_SENT} goal requests")
        else:
            self._send()

    def _send(self) -> None:
        patience = PATIENCE * 2.0**self._sent
        self._sent += 1
        if self._cancel_wanted:
            # A request that was lost is not repeated: the goal is to be cancelled anyway.
            self._ask_result(patience)
            return
        self._patient_until = time.monotonic() + patience
        self._actions.send_goal_async(self._goal, goal_uuid=self._handle.goal_id).add_done_callback(
            self._on_answer
        )

    def _on_answer(self, future: Any) -> None:
        failure = future.exception()
        if failure is not None:
            self._finish(f"the goal request failed: {failure}")
        elif future.result().accepted:
            self._accept()
        elif not self.answered.is_set():
            # Of a goal that it has, the server gives the result when it ends; of others at once.
            self._ask_result(RESULT_PATIENCE)

    def _accept(self) -> None:
        with self._lock:
            cancel = self._cancel_wanted
        if cancel:
            self._handle.cancel_goal_async()
        if self.answered.is_set():
            return
        self.accepted = True
        self.answered.set()
        self._on_change()
        self._ask_result(RESULT_PATIENCE)

    def _ask_result(self, patience: float) -> None:
        self._patient_until = time.monotonic() + patience
        self._handle.get_result_async().add_done_callback(self._on_result)

    def _on_result(self, future: Any) -> None:
        failure = future.exception()
        if failure is not None:
            self._finish(f"the result never came: {failure}")
            return
        answer = future.result()
        if answer.status != GoalStatus.STATUS_UNKNOWN:
            self.accepted = True
            self.status = answer.status
            self.result = answer.result
            self._finish("")
        elif self.accepted:
            name = self._goal.execution_id
            self._finish(
                "the node does not know the goal any more: it was started again, or keeps results "
                f'no longer; send it again with execution_id {name} and same_id "attach"'
            )
        elif self._cancel_wanted:
            self._finish("it was cancelled, and the node does not have it")
        else:
            state = self._state()
            why = (state.storage_failure if state else "") or "its log says why"
            self._finish(f"the node rejected the goal: {why}")

    def _finish(self, failure: str) -> None:
        if self.done.is_set():
            return
        self.failure = failure
        self.answered.set()
        self.done.set()
        self._on_change()
