"""An action server for tests, a process of its own: works for `order` milliseconds or until told to end.

Every goal request, its end and every cancel is appended to a log file before it is answered, so
that a test can count what the server was asked, whatever dies in between.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from std_srvs.srv import SetBool

SLOW = 4.0  # seconds
STEP = 0.01  # seconds between two looks at a cancel request


class WorkServer:
    """Modes: work, reject, abort, hang (never ends), mute (never answers), stubborn (no cancel),
    deaf (accepts a cancel and works on), slow (takes seconds to accept), chatty (gives feedback all
    the time).

    A restless one does not stand still when it is told to.
    """

    def __init__(self, node, name: str, log: Path, mode: str, remember: int) -> None:
        self._log = log.open("a", buffering=1)
        self._lock = threading.Lock()
        self._mode = mode
        self._told_to_end = log.with_suffix(".end")
        self._server = ActionServer(
            node,
            Fibonacci,
            name,
            execute_callback=self._execute,
            goal_callback=self._on_goal,
            cancel_callback=self._on_cancel,
            callback_group=ReentrantCallbackGroup(),
            result_timeout=remember,
        )
        self._held = threading.Event()
        node.create_service(
            SetBool, f"{name}/hold", self._on_hold, callback_group=ReentrantCallbackGroup()
        )
        node.create_service(
            SetBool, f"{name}_switch", self._on_switch, callback_group=ReentrantCallbackGroup()
        )
        self.write("up", "", os.getpid())

    def write(self, what: str, goal_id: str, value: int) -> None:
        with self._lock:
            self._log.write(f"{what} {goal_id or '-'} {value}\n")

    def _on_goal(self, request) -> GoalResponse:
        self.write("asked", "", request.order)
        if self._mode == "mute":
            threading.Event().wait()
        if self._mode == "slow":
            time.sleep(SLOW)
        return GoalResponse.REJECT if self._mode == "reject" else GoalResponse.ACCEPT

    def _on_hold(self, request, response):
        response.success = self._mode != "restless"
        if request.data and response.success:
            self._held.set()
        else:
            self._held.clear()
        self.write("hold", "", int(request.data))
        return response

    def _on_switch(self, request, response):
        self.write("switch", "", int(request.data))
        if self._mode == "hang":
            threading.Event().wait()
        response.success = True
        return response

    def _on_cancel(self, handle) -> CancelResponse:
        self.write("cancel", goal_id_of(handle), handle.request.order)
        return CancelResponse.REJECT if self._mode == "stubborn" else CancelResponse.ACCEPT

    def _execute(self, handle):
        order = handle.request.order
        self.write("began", goal_id_of(handle), order)
        left = order / 1000.0
        while self._mode == "hang" or (left > 0.0 and not self._told_to_end.exists()):
            if handle.is_cancel_requested and self._mode != "deaf":
                handle.canceled()
                self.write("cancelled", goal_id_of(handle), order)
                return Fibonacci.Result()
            time.sleep(STEP)
            if self._mode == "chatty":
                handle.publish_feedback(Fibonacci.Feedback(sequence=[order]))
            if not self._held.is_set():
                left -= STEP
        if self._mode == "abort":
            handle.abort()
            self.write("aborted", goal_id_of(handle), order)
        else:
            handle.publish_feedback(Fibonacci.Feedback(sequence=[order]))
            handle.succeed()
            self.write("ended", goal_id_of(handle), order)
        return Fibonacci.Result(sequence=[order])


def goal_id_of(handle) -> str:
    return bytes(bytearray(handle.goal_id.uuid)).hex()


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--name", default="work")
    words.add_argument("--log", type=Path, required=True)
    words.add_argument("--mode", default="work")
    words.add_argument("--remember", type=int, default=10, help="seconds a result is kept")
    words.add_argument("--node", default="", help="name of the node; default: the server's")
    options = words.parse_args()
    rclpy.init()
    node = rclpy.create_node(options.node or f"{options.name}_server")
    WorkServer(node, options.name, options.log, options.mode, options.remember)
    executor = MultiThreadedExecutor(num_threads=16)
    executor.add_node(node)
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        os._exit(0)


if __name__ == "__main__":
    main()
