"""A node that spins in a thread of its own, as it does in a process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from rclpy.executors import Executor

from execution_orchestrator.ros.spinning import SpinThread

STOP_TIMEOUT = 5.0  # seconds


@contextlib.contextmanager
def spinning(node: Any, executor: Executor) -> Iterator[None]:
    """Spin a node; afterwards it, its executor and its context are gone."""
    thread = SpinThread(node, executor)
    try:
        yield
    finally:
        thread.stop(STOP_TIMEOUT)
        node.destroy_node()
        node.context.try_shutdown()
