"""The action servers every contestant talks to; a process of its own that stamps what it sees.

``noop_0`` ... ``noop_7``: a goal with ``order`` 0 succeeds at once, any other runs until it is
cancelled. ``~/stamps`` (std_srvs/Trigger) returns what was seen since the last call as JSON, in
seconds of the machine's monotonic clock: per server the goal requests, the ends of goals and the
cancel requests, in their order. Every goal request is also announced on ``/bench/requested``, so
that somebody can cancel in the first moments of a goal.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import Empty
from std_srvs.srv import Trigger

from benchmarks.ros.names import REQUESTED, REQUESTED_QOS, RESULT_TIMEOUT, SERVER_NODE, servers


class ScriptedServer:
    """One action server; single-threaded, so that a held goal must not block."""

    def __init__(self, node: Node, name: str) -> None:
        self.requested: list[float] = []
        self.ended: list[float] = []
        self.cancelled: list[float] = []
        self._held: dict[bytes, Future] = {}
        self._announce = node.create_publisher(Empty, REQUESTED, REQUESTED_QOS)
        self._server = ActionServer(
            node,
            Fibonacci,
            name,
            execute_callback=self._execute,
            goal_callback=self._on_goal,
            cancel_callback=self._on_cancel,
            result_timeout=RESULT_TIMEOUT,
        )

    def take(self) -> dict[str, list[float]]:
        """Return the stamps so far and begin anew."""
        taken = {"requested": self.requested, "ended": self.ended, "cancelled": self.cancelled}
        self.requested, self.ended, self.cancelled = [], [], []
        return taken

    def _on_goal(self, request: Any) -> GoalResponse:
        self.requested.append(time.monotonic())
        if request.order:
            self._announce.publish(Empty())
        return GoalResponse.ACCEPT

    def _on_cancel(self, handle: Any) -> CancelResponse:
        self.cancelled.append(time.monotonic())
        held = self._held.pop(bytes(handle.goal_id.uuid), None)
        if held is not None:
            held.set_result(None)
        return CancelResponse.ACCEPT

    async def _execute(self, handle: Any) -> Any:
        if not handle.request.order:
            handle.succeed()
        else:
            if not handle.is_cancel_requested:
                held = self._held[bytes(handle.goal_id.uuid)] = Future()
                await held
            handle.canceled()
        self.ended.append(time.monotonic())
        return Fibonacci.Result()


def main() -> None:
    """Serve until the process is ended."""
    prefix = sys.argv[1]
    rclpy.init()
    node = rclpy.create_node(SERVER_NODE.format(prefix))
    made = {name: ScriptedServer(node, name) for name in servers(prefix)}

    def answer(_: Any, response: Any) -> Any:
        response.success = True
        response.message = json.dumps({name: server.take() for name, server in made.items()})
        return response

    node.create_service(Trigger, "~/stamps", answer)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return


if __name__ == "__main__":
    main()
