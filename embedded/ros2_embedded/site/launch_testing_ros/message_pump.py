"""Spins a node in the background of a test."""

from __future__ import annotations

import threading
from typing import Any


class MessagePump:
    """Runs a node's callbacks in a thread between start() and stop()."""

    def __init__(self, node: Any, timeout: float = 10.0, context: Any = None) -> None:
        from rclpy.executors import SingleThreadedExecutor

        self._timeout = timeout
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._run, name="message_pump", daemon=True)

    def _run(self) -> None:
        """Run callbacks until stopped."""
        from rclpy.executors import ExternalShutdownException, ShutdownException

        try:
            self._executor.spin()
        except (ExternalShutdownException, ShutdownException):
            return

    def start(self) -> None:
        """Begin to run callbacks."""
        self._thread.start()

    def stop(self) -> None:
        """Stop. Raises RuntimeError if a callback does not return in time."""
        self._executor.shutdown(timeout_sec=self._timeout)
        self._thread.join(timeout=self._timeout)
        if self._thread.is_alive():
            raise RuntimeError("Timed out waiting for message pump to stop")
