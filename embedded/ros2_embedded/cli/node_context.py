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

#: Seconds for the first other node to be seen. There may be none.
COMPANY_PATIENCE = 1.5
#: Seconds for a process whose endpoints are known to tell the names of its nodes: between Fast DDS
#: and Cyclone these come up to a heartbeat later.
NAMES_PATIENCE = 3.0
#: What rclpy calls a node whose name has not come yet.
_UNKNOWN = "_NODE_NAME_UNKNOWN_"
#: Topics that every node publishes.
_OF_EVERY_NODE = ("/rosout", "/parameter_events")

#: Nodes whose names begin so are hidden.
NODE_NAME_PREFIX = "_ros2cli"


@contextlib.contextmanager
def ros_node(args: argparse.Namespace, *, node_name: str | None = None) -> Iterator[Any]:
    """Give a node that has had the time to discover the others."""
    with bare_node(args, node_name or f"{NODE_NAME_PREFIX}_{os.getpid()}") as node:
        spin_for(node, getattr(args, "spin_time", DEFAULT_SPIN_TIME))
        wait_until(node, lambda: node.count_publishers("/rosout") > 1, COMPANY_PATIENCE)
        wait_until(node, lambda: _all_are_named(node), NAMES_PATIENCE)
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


def _all_are_named(node: Any) -> bool:
    return all(
        info.node_name != _UNKNOWN
        for topic in _OF_EVERY_NODE
        for info in node.get_publishers_info_by_topic(topic)
    )


def look_up(node: Any, names: Callable[[], Container[str]], name: str) -> bool:
    """Tell whether a name is in the graph; discovery gets more time before the answer is no."""
    return wait_until(node, lambda: name in names(), DISCOVERY_PATIENCE)


def await_future(node: Any, future: Any) -> Any:
    """Spin until a future is done and return its result."""
    import rclpy

    rclpy.spin_until_future_complete(node, future)
    return future.result()
