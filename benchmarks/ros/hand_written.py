"""Contestant: the chain a programmer writes with ActionClient and callbacks, nothing else.

Reads one command per line from stdin (``chain 50``, ``parallel 25``, ``cancel``) and answers with
one line of JSON when it is done.
"""

from __future__ import annotations

from typing import Any

from example_interfaces.action import Fibonacci
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import Empty

from benchmarks.ros.contestant import serve
from benchmarks.ros.names import REQUESTED, REQUESTED_QOS


class Chain:
    """Sends a goal, and the next one in the callback of its result."""

    def __init__(self, client: ActionClient, count: int, ended: Future) -> None:
        self._client = client
        self._left = count
        self._ended = ended
        self._send()

    def _send(self) -> None:
        future = self._client.send_goal_async(Fibonacci.Goal(order=0), feedback_callback=_ignore)
        future.add_done_callback(self._on_answer)

    def _on_answer(self, future: Any) -> None:
        future.result().get_result_async().add_done_callback(self._on_result)

    def _on_result(self, _: Any) -> None:
        self._left -= 1
        if self._left:
            self._send()
        else:
            self._ended.set_result(None)


class Cancelling:
    """Cancels a goal the moment its server saw the request."""

    def __init__(self, node: Node, client: ActionClient) -> None:
        self._client = client
        self._goal: Any = None
        self._seen = False
        self._ended = Future()
        node.create_subscription(Empty, REQUESTED, self._on_requested, REQUESTED_QOS)

    def run(self) -> Future:
        """Send a goal that only a cancel ends; done when it has ended."""
        self._goal, self._seen, self._ended = None, False, Future()
        self._client.send_goal_async(Fibonacci.Goal(order=1)).add_done_callback(self._on_answer)
        return self._ended

    def _on_requested(self, _: Any) -> None:
        self._seen = True
        self._cancel()

    def _on_answer(self, future: Any) -> None:
        self._goal = future.result()
        self._goal.get_result_async().add_done_callback(lambda _: self._ended.set_result(None))
        self._cancel()

    def _cancel(self) -> None:
        # rclpy can cancel a goal only once it was accepted.
        if self._seen and self._goal is not None:
            self._goal.cancel_goal_async()


class HandWritten:
    """Runs what is asked for on plain ActionClients."""

    def __init__(self, node: Node, names: list[str]) -> None:
        self.clients = [ActionClient(node, Fibonacci, name) for name in names]
        self._cancelling = Cancelling(node, self.clients[0])

    def begin(self, what: str, count: int) -> list[Future]:
        """Begin a command; done when all futures are."""
        if what == "cancel":
            return [self._cancelling.run()]
        clients = self.clients if what == "parallel" else self.clients[:1]
        ends = [Future() for _ in clients]
        for client, ended in zip(clients, ends, strict=True):
            Chain(client, count, ended)
        return ends


def _ignore(_: Any) -> None:
    """Take feedback as a program would that shows none."""


if __name__ == "__main__":
    serve("hand_written", HandWritten)
