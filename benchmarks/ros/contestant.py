"""The process of a contestant: commands on stdin, one JSON line each on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, Protocol

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future

from benchmarks.ros.names import servers

TIMEOUT = 60.0  # seconds for one command


class Contestant(Protocol):
    """What a contestant can do."""

    clients: list[Any]

    def begin(self, what: str, count: int) -> list[Future]:
        """Begin a command; it is done when all futures are."""


def serve(name: str, make: Callable[[Node, list[str]], Contestant]) -> None:
    """Carry out commands until stdin ends."""
    rclpy.init()
    node = rclpy.create_node(f"bench_{name}")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    contestant = make(node, servers(sys.argv[1]))
    for client in contestant.clients:
        if not client.wait_for_server(20.0):
            sys.exit(f"{name}: the servers were not found")
    for line in sys.stdin:
        what, *count = line.split()
        for future in contestant.begin(what, int(count[0]) if count else 1):
            executor.spin_until_future_complete(future, TIMEOUT)
            if not future.done():
                sys.exit(f"{name}: {line.strip()} took over {TIMEOUT} s")
        print(json.dumps({"done": line.strip()}), flush=True)
    rclpy.shutdown()
