"""The node a verb works with."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Container, Iterator
from typing import Any

from ros2_embedded.cli.arguments import DEFAULT_SPIN_TIME

#: Seconds beyond the spin time that a name given by the user may take to be discovered. There is no
#: daemon that knows the graph already.
DISCOVERY_PATIENCE = 0.5

#: Nodes whose names begin so are hidden.
NODE_NAME_PREFIX = "_ros2cli"


@contextlib.contextmanager
def ros_node(args: argparse.Namespace, *, node_name: str | None = None) -> Iterator[Any]:
    """Give a node that has had the time to discover the others."""
    with bare_node(args, node_name or f"{NODE_NAME_PREFIX}_{os.getpid()}") as node:
        spin_for(node, getattr(args, "spin_time", DEFAULT_SPIN_TIME))
        yield node


@contextlib.contextmanager
def bare_node(args: argparse.Namespace, node_name: str) -> Iterator[Any]:
    """Give a node without waiting for discovery."""
    import rclpy
    from rclpy.parameter import Parameter

    rclpy.init(args=[])
    try:
        node = rclpy.create_node(
            node_name,
            start_parameter_services=False,
            parameter_overrides=[
                Parameter("use_sim_time", value=getattr(args, "use_sim_time", False))
            ],
            automatically_declare_parameters_from_overrides=True,
        )
        try:
            yield node
        finally:
            node.destroy_node()
    finally:
        rclpy.try_shutdown()


def spin_for(node: Any, seconds: float) -> None:
    """Run the node's callbacks for a time in seconds."""
    import rclpy
    from rclpy.task import Future

    rclpy.spin_until_future_complete(node, Future(), timeout_sec=seconds)


def wait_until(node: Any, condition: Callable[[], bool], timeout: float) -> bool:
    """Wait for a condition on the graph, at most `timeout` seconds; tell whether it holds."""
    deadline = time.monotonic() + timeout
    while not condition():
        remaining = deadline - time.monotonic()
        if remaining <= 0.0:
            return False
        spin_for(node, min(0.05, remaining))
    return True


def look_up(node: Any, names: Callable[[], Container[str]], name: str) -> bool:
    """Tell whether a name is in the graph; discovery gets more time before the answer is no."""
    return wait_until(node, lambda: name in names(), DISCOVERY_PATIENCE)


def await_future(node: Any, future: Any) -> Any:
    """Spin until a future is done and return its result."""
    import rclpy

    rclpy.spin_until_future_complete(node, future)
    return future.result()
