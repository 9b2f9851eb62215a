"""A server that takes a little time for each route, and stamps requests and ends."""

from __future__ import annotations

import json
import time
from typing import Any

import rclpy
from nav2_msgs.action import NavigateThroughPoses
from rclpy.action import ActionServer, GoalResponse
from rclpy.executors import ExternalShutdownException
from rclpy.task import Future
from std_srvs.srv import Trigger

WORK = 0.03  # seconds of each goal


def main() -> None:
    """Serve until the process is ended."""
    rclpy.init()
    node = rclpy.create_node("bench_route_server")
    stamps: dict[str, list[float]] = {"requested": [], "ended": []}

    def on_goal(_: Any) -> GoalResponse:
        stamps["requested"].append(time.monotonic())
        return GoalResponse.ACCEPT

    async def execute(handle: Any) -> Any:
        worked = Future()
        timer = node.create_timer(WORK, lambda: worked.set_result(None))
        await worked
        timer.cancel()
        node.destroy_timer(timer)
        handle.succeed()
        stamps["ended"].append(time.monotonic())
        return NavigateThroughPoses.Result()

    def answer(_: Any, response: Any) -> Any:
        response.success = True
        response.message = json.dumps(stamps)
        for seen in stamps.values():
            seen.clear()
        return response

    ActionServer(
        node,
        NavigateThroughPoses,
        "/bench_route",
        execute_callback=execute,
        goal_callback=on_goal,
        result_timeout=1,
    )
    node.create_service(Trigger, "~/stamps", answer)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return


if __name__ == "__main__":
    main()
