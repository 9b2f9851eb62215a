"""A node that spins in a thread of its own, as it does in a process."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from rclpy.executors import Executor, ExternalShutdownException

STOP_TIMEOUT = 5.0  # seconds


@contextlib.contextmanager
def spinning(node: Any, executor: Executor) -> Iterator[None]:
    """Spin a node; afterwards it, its executor and its context are gone."""
    executor.add_node(node)

    def spin() -> None:
        with contextlib.suppress(ExternalShutdownException):
            executor.spin()

    thread = threading.Thread(target=spin, name=f"spin {node.get_name()}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # First the executor: one that is about to wait when its context goes away raises RCLError.
        executor.shutdown(timeout_sec=STOP_TIMEOUT)
        node.context.try_shutdown()
        thread.join(STOP_TIMEOUT)
        node.destroy_node()
