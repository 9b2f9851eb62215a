"""Contestant: the chain as a py_trees sequence whose leaves are goals, ticked at 100 Hz."""

from __future__ import annotations

from typing import Any

import py_trees
from example_interfaces.action import Fibonacci
from py_trees.common import Status
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future

from benchmarks.ros.contestant import serve
from benchmarks.ros.names import TREE_RATE


class GoalLeaf(py_trees.behaviour.Behaviour):
    """Sends a goal when it is entered and runs until its result is there."""

    def __init__(self, name: str, client: ActionClient) -> None:
        super().__init__(name)
        self._client = client
        self._over = False

    def initialise(self) -> None:
        """Send the goal."""
        self._over = False
        self._client.send_goal_async(Fibonacci.Goal(order=0)).add_done_callback(self._on_answer)

    def update(self) -> Status:
        """Tell whether the result is there."""
        return Status.SUCCESS if self._over else Status.RUNNING

    def _on_answer(self, future: Any) -> None:
        future.result().get_result_async().add_done_callback(self._on_result)

    def _on_result(self, _: Any) -> None:
        self._over = True


class BehaviourTree:
    """Ticks a sequence of goals, or eight of them side by side."""

    def __init__(self, node: Node, names: list[str]) -> None:
        self._node = node
        self.clients = [ActionClient(node, Fibonacci, name) for name in names]

    def begin(self, what: str, count: int) -> list[Future]:
        """Begin a command; done when the future is."""
        clients = self.clients if what == "parallel" else self.clients[:1]
        branches = [
            py_trees.composites.Sequence(
                f"chain {index}",
                memory=True,
                children=[GoalLeaf(f"goal {number}", client) for number in range(count)],
            )
            for index, client in enumerate(clients)
        ]
        root: py_trees.behaviour.Behaviour = py_trees.composites.Parallel(
            "all", policy=py_trees.common.ParallelPolicy.SuccessOnAll(), children=branches
        )
        tree = py_trees.trees.BehaviourTree(root)
        ended = Future()

        def tick() -> None:
            tree.tick()
            if root.status is Status.SUCCESS:
                timer.cancel()
                self._node.destroy_timer(timer)
                ended.set_result(None)

        timer = self._node.create_timer(1.0 / TREE_RATE, tick)
        return [ended]


if __name__ == "__main__":
    serve("behaviour_tree", BehaviourTree)
