"""Action servers of robots below namespaces, some in a process: ``r0/work``, ``r1/work`` ...

A goal runs for a given time. When the process is ended with SIGINT it prints, as JSON, how long
each robot was free before its next goal came (seconds), and how many goals each has done.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import Any

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer, GoalResponse
from rclpy.executors import ExternalShutdownException
from rclpy.task import Future

KEPT = 60  # seconds that a result is kept


class RobotServer:
    """The server of one robot."""

    def __init__(self, name: str, seconds: float) -> None:
        self.node = rclpy.create_node("work_server", namespace=f"/{name}")
        self._seconds = seconds
        self._free_since = 0.0
        self.waits: list[float] = []
        self.done = 0
        self._server = ActionServer(
            self.node,
            Fibonacci,
            "work",
            execute_callback=self._execute,
            goal_callback=self._on_goal,
            result_timeout=KEPT,
        )

    def _on_goal(self, request: Any) -> GoalResponse:
        del request
        if self._free_since:
            self.waits.append(time.monotonic() - self._free_since)
        return GoalResponse.ACCEPT

    async def _execute(self, handle: Any) -> Any:
        over: Future = Future()
        timer = self.node.create_timer(self._seconds, lambda: over.set_result(None))
        await over
        self.node.destroy_timer(timer)
        self.done += 1
        self._free_since = time.monotonic()
        handle.succeed()
        return Fibonacci.Result()


def main() -> None:
    """Serve until the process is interrupted."""
    first, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    rclpy.init()
    executor = rclpy.executors.SingleThreadedExecutor()
    robots = [RobotServer(f"r{first + number}", seconds) for number in range(count)]
    for robot in robots:
        executor.add_node(robot.node)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        executor.spin()
    waits = [wait for robot in robots for wait in robot.waits]
    print(json.dumps({"waits": waits, "done": [robot.done for robot in robots]}), flush=True)


if __name__ == "__main__":
    main()
