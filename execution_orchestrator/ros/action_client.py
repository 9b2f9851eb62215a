"""An action client for any thread."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.action import ActionClient


class SafeActionClient(ActionClient):  # type: ignore[misc]
    """rclpy's ActionClient, made safe for requests from a thread that does not spin its node.

    Upstream, in Jazzy, records a request after it has sent it. An answer that arrives in between
    counts as unexpected and is dropped, and the caller waits for ever.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        """Take what rclpy's takes."""
        self._sending = threading.RLock()
        super().__init__(*arguments, **more)

    def send_goal_async(self, *arguments: Any, **more: Any) -> Any:
        """Send a goal, and return the future of its handle."""
        with self._sending:
            return super().send_goal_async(*arguments, **more)

    def _get_result_async(self, goal_handle: Any) -> Any:
        with self._sending:
            return super()._get_result_async(goal_handle)

    def _cancel_goal_async(self, goal_handle: Any) -> Any:
        with self._sending:
            return super()._cancel_goal_async(goal_handle)

    async def execute(self, taken_data: Any) -> None:
        """Look at what came in, once all that was sent is noted."""
        with self._sending:
            pass
        await super().execute(taken_data)
