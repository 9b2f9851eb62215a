"""One ExecuteCommand goal, from the request to its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class GoalSession:
    """What a caller holds while its goal runs; filled by the client's spin thread.

    ``result`` is the ``ExecuteCommand.Result`` message once ``done`` is set, ``status`` the
    ``action_msgs/GoalStatus`` value of the goal. A rejected goal is done without a result;
    ``storage_failure`` tells what the node said last of its journal, the one reason to reject;
    ``told`` is called, on the spin thread, whenever something here changes.
    """

    def __init__(
        self, storage_failure: Callable[[], str], told: Callable[[], None] = lambda: None
    ) -> None:
        self._storage_failure = storage_failure
        self._told = told
        self.answered = threading.Event()
        self.done = threading.Event()
        self.accepted = False
        self.status = 0
        self.result: Any = None
        self.feedback: Any = None
        self.failure = ""
        self._goal_handle: Any = None
        self._cancel_wanted = False
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Ask the node to cancel; before the acceptance, it is cancelled once it is accepted."""
        with self._lock:
            self._cancel_wanted = True
            handle = self._goal_handle
        if handle is not None:
            handle.cancel_goal_async()

    def on_feedback(self, message: Any) -> None:
        """Keep the newest feedback."""
        self.feedback = message.feedback
        self._told()

    def on_answer(self, future: Any) -> None:
        """Take the answer to the goal request and ask for the result at once."""
        failure = future.exception()
        if failure is not None:
            self._finish(f"the goal request failed: {failure}")
            return
        handle = future.result()
        self.accepted = handle.accepted
        self.answered.set()
        self._told()
        if not handle.accepted:
            why = self._storage_failure() or "its log says why"
            self._finish(f"the node rejected the goal: {why}")
            return
        with self._lock:
            self._goal_handle = handle
            cancel = self._cancel_wanted
        handle.get_result_async().add_done_callback(self._on_result)
        if cancel:
            handle.cancel_goal_async()

    def _on_result(self, future: Any) -> None:
        failure = future.exception()
        if failure is not None:
            self._finish(f"the result never came: {failure}")
            return
        answer = future.result()
        self.status = answer.status
        self.result = answer.result
        self._finish("")

    def _finish(self, failure: str) -> None:
        self.failure = failure
        self.answered.set()
        self.done.set()
        self._told()
